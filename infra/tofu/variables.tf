variable "bucket" {
  type        = string
  description = "Name of the bucket."
}

variable "prefix" {
  type        = string
  default     = "kz-ru"
  description = "Prefix of the store in the bucket: s3://BUCKET/PREFIX is IRTYSH_STORE."

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9._/-]*[a-z0-9]$", var.prefix))
    error_message = "The prefix may hold lower-case letters, digits, '.', '_', '-' and '/', and must not be empty."
  }
}

variable "region" {
  type        = string
  default     = "eu-central-1"
  description = "Region of the bucket."
}

variable "trusted" {
  type        = string
  default     = ""
  description = "ARN that may take the three roles, such as the role of the workers' machines. Default: the account itself."
}

variable "days_of_old_versions" {
  type        = number
  default     = 90
  description = "Days for which replaced and deleted objects can be had back."
}
