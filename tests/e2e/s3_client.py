"""boto3, which nobody here wrote, looks at a server of s3_servers.py. The package comes by python_package.py."""


def of(server, service="s3", keys=None):
    """A client of the server, as its administrator or with other keys: (id, secret, token)."""
    import boto3
    import botocore.config

    key_id, secret, token = keys or (server.environment["AWS_ACCESS_KEY_ID"],
                                     server.environment["AWS_SECRET_ACCESS_KEY"], None)
    return boto3.client(service, endpoint_url=server.url, region_name="us-east-1", aws_access_key_id=key_id,
                        aws_secret_access_key=secret, aws_session_token=token,
                        verify=server.environment.get("AWS_CA_BUNDLE"),
                        config=botocore.config.Config(s3={"addressing_style": "path"}))


def keys_below(client, prefix="", bucket="raw"):
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [each["Key"] for page in pages for each in page.get("Contents", [])]


def objects(client, prefix, bucket="raw"):
    """{key behind the prefix: bytes}."""
    return {key.removeprefix(prefix + "/"): client.get_object(Bucket=bucket, Key=key)["Body"].read()
            for key in keys_below(client, prefix + "/", bucket)}


def remove_all(client, bucket="raw"):
    for key in keys_below(client, bucket=bucket):
        client.delete_object(Bucket=bucket, Key=key)


def uploads_of_minio(server):
    """Multipart uploads that were begun and neither completed nor aborted. MinIO lists them by whole keys alone, so its
    own folder is looked at: a folder a key, and in it one an upload."""
    folder = server.data / ".minio.sys" / "multipart"
    return sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/*") if path.is_dir())


def variables_of(credentials):
    """The environment that uses what STS gave."""
    return {"AWS_ACCESS_KEY_ID": credentials["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": credentials["SessionToken"]}
