# The bucket of a corpus on AWS: private, versioned, encrypted, with the policy of infra/bucket-policy.json and three roles.
#     tofu -chdir=infra/tofu init && tofu -chdir=infra/tofu apply -var bucket=corpus-kz-ru
# OpenTofu 1.6 or later, or Terraform of the same age. Nothing here holds a secret.

terraform {
  required_version = ">= 1.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40, < 7"
    }
  }
}

provider "aws" {
  region = var.region
}

data "aws_caller_identity" "here" {}

locals {
  account = data.aws_caller_identity.here.account_id
  # The policy is one file for all who use it; its placeholders are words in capitals.
  policy = replace(
    replace(replace(file("${path.module}/../bucket-policy.json"), "ACCOUNT", local.account), "BUCKET", var.bucket),
    "PREFIX", var.prefix
  )
  roles = toset(["irtysh-worker", "irtysh-reader", "irtysh-keeper"])
}

resource "aws_s3_bucket" "corpus" {
  bucket = var.bucket

  lifecycle {
    prevent_destroy = true # the captures cannot be made again
  }
}

resource "aws_s3_bucket_public_access_block" "corpus" {
  bucket                  = aws_s3_bucket.corpus.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "corpus" {
  bucket = aws_s3_bucket.corpus.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "corpus" {
  bucket = aws_s3_bucket.corpus.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "corpus" {
  bucket = aws_s3_bucket.corpus.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_policy" "corpus" {
  bucket     = aws_s3_bucket.corpus.id
  policy     = local.policy
  depends_on = [aws_iam_role.irtysh, aws_s3_bucket_public_access_block.corpus]
}

resource "aws_s3_bucket_lifecycle_configuration" "corpus" {
  bucket     = aws_s3_bucket.corpus.id
  depends_on = [aws_s3_bucket_versioning.corpus]

  # uploads that a killed writer has not finished
  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # what was replaced or deleted by mistake can be had back for so long; a takedown is final after that
  rule {
    id     = "replaced-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.days_of_old_versions
    }

    expiration {
      expired_object_delete_marker = true
    }
  }

  # captures are read once, and again by `rebuild` and `verify --deep`; tables are read always, and stay where they are
  rule {
    id     = "captures-to-cheaper-storage"
    status = "Enabled"

    filter {
      and {
        prefix                   = "${var.prefix}/captures/"
        object_size_greater_than = 131072 # smaller objects are billed as if they had 128 kB
      }
    }

    transition {
      days          = 30
      storage_class = "STANDARD_IA"
    }

    transition {
      days          = 180
      storage_class = "GLACIER_IR"
    }
  }
}

resource "aws_iam_role" "irtysh" {
  for_each = local.roles
  name     = each.key

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = var.trusted == "" ? "arn:aws:iam::${local.account}:root" : var.trusted }
    }]
  })
}
