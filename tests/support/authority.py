"""An authority of a test's own, and a certificate that it has signed: made by openssl when a test needs them."""

import subprocess


def make_authority(folder, names="IP:127.0.0.1,DNS:localhost"):
    """ca.crt, and public.crt and private.key that it has signed for `names`, as openssl.cnf writes them."""
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], cwd=folder, check=True, capture_output=True)

    new_key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    (folder / "extensions").write_text(f"subjectAltName={names}\nextendedKeyUsage=serverAuth\n")
    openssl("req", "-x509", *new_key, "-days", 2, "-subj", "/CN=authority of a test", "-keyout", "ca.key", "-out",
            "ca.crt")
    openssl("req", *new_key, "-subj", "/CN=server of a test", "-keyout", "private.key", "-out", "request")
    openssl("x509", "-req", "-in", "request", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", 2,
            "-extfile", "extensions", "-out", "public.crt")
