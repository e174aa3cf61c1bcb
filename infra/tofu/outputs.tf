output "store" {
  value       = "s3://${aws_s3_bucket.corpus.id}/${var.prefix}"
  description = "IRTYSH_STORE of workers and readers."
}

output "roles" {
  value       = { for name, role in aws_iam_role.irtysh : name => role.arn }
  description = "Roles for workers, readers and the keeper."
}
