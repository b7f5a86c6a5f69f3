# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
"""A private mail server on loopback: Postfix, SASL by Dovecot, a sink for the world, frankd.

Nothing of the host's own Postfix is read or touched: configuration, queue, data, log and ports
are the lab's. Everything is stopped by the process id under which it was started.
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "correct horse"

MASTER = """\
{submission} inet n - y - - smtpd
    -o syslog_name=postfix/submission -o smtpd_sasl_auth_enable=yes
    -o milter_macro_daemon_name=ORIGINATING -o smtpd_client_connection_count_limit=0
{smtp} inet n - y - - smtpd
    -o smtpd_client_connection_count_limit=0
pickup unix n - y 1 1 pickup
cleanup unix n - y - 0 cleanup
qmgr unix n - n 1 1 qmgr
tlsmgr unix - - y 1000? 1 tlsmgr
rewrite unix - - y - - trivial-rewrite
bounce unix - - y - 0 bounce
defer unix - - y - 0 bounce
trace unix - - y - 0 bounce
verify unix - - y - 1 verify
flush unix n - y 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - y - - smtp
relay unix - - y - - smtp
showq unix n - y - - showq
error unix - - y - - error
retry unix - - y - - error
discard unix - - y - - discard
local unix - n n - - local
virtual unix - n n - - virtual
lmtp unix - - y - - lmtp
anvil unix - - y - 1 anvil
scache unix - - y - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {base}/data
maillog_file = {base}/log/mail.log
maillog_file_prefixes = {base}/log
myhostname = mail.lab.test
myorigin = {origin}
mydestination =
alias_maps =
alias_database =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.2/32, 192.0.2.0/24
relay_domains = inbound.test
smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
smtpd_authorized_xclient_hosts = 127.0.0.1
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
smtpd_recipient_limit = 1000
smtpd_error_sleep_time = 0
smtpd_hard_error_limit = 1000
smtp_dns_support_level = disabled
smtp_tls_security_level = none
default_transport = smtp:[127.0.0.1]:{sink}
relay_transport = smtp:[127.0.0.1]:{sink}
transport_maps = inline:{{ {{ refuses.test = smtp:[127.0.0.1]:{refuser} }} }}
default_destination_concurrency_limit = 50
minimal_backoff_time = 1s
queue_run_delay = 10s
message_size_limit = 60000000
in_flow_delay = 0
local_header_rewrite_clients =
internal_mail_filter_classes = bounce
milter_default_action = tempfail
smtpd_milters = {{ unix:frank/milter.sock, default_action=tempfail, connect_timeout=2s,
    command_timeout=5s, content_timeout=30s }}
non_smtpd_milters = $smtpd_milters
"""

DOVECOT = """\
base_dir = {base}/dovecot
state_dir = {base}/dovecot
log_path = {base}/log/dovecot.log
ssl = no
protocols =
listen = 127.0.0.1
auth_mechanisms = plain login
auth_username_format = %Lu
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = {base}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {queue}/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0600
  }}
}}
"""


class LabError(Exception):
    """Something of the lab, not of what is tested, did not work."""


def wait_until(condition, what, seconds=15.0):
    """Ask CONDITION until it says yes; its answer. A lab that does not come up is an error."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise LabError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.02)


def port_answers(port):
    with contextlib.suppress(OSError):
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    return False


def free_ports(count):
    """Ports that nobody listens on: bound together, so that they differ, and let go."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


class Workshop:
    """A directory that must not be shared, a milter socket in it, and what was started there."""

    def __init__(self, base):
        self.base = pathlib.Path(base)
        self.queue = self.base / "queue"
        self.milter_socket = self.queue / "frank" / "milter.sock"
        self.children = []

    def __enter__(self):
        # A time limit must not leave a Postfix behind.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        """Make the directories; they are the world's to pass through, and root's."""
        os.chmod(self.base, 0o755)
        for folder in ("log", "queue", "queue/frank"):
            (self.base / folder).mkdir(mode=0o755)

    def stop(self):
        for child in reversed(self.children):
            stop_child(child)
        self.children.clear()

    def spawn(self, command, output):
        """Start a program; it is stopped with the workshop."""
        with open(self.base / "log" / output, "ab") as sink:
            child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                     stdout=sink, stderr=sink, cwd=self.base,
                                     start_new_session=True)
        self.children.append(child)
        return child


class Lab(Workshop):
    """Postfix, Dovecot and the sink."""

    def __init__(self, base, users=("alice@a.test", "bob@b.test")):
        super().__init__(base)
        self.etc = self.base / "postfix"
        self.world = self.base / "world"
        self.log = self.base / "log" / "mail.log"
        self.users = users
        self.origin = users[0].partition("@")[2]
        ports = free_ports(4)
        self.submission, self.smtp, self.sink, self.refuser = ports
        self.postfix_runs = False

    # -- up and down

    def start(self):
        super().start()
        self._write()
        self._start_dovecot()
        self._start_sink()
        self._start_postfix()

    def stop(self):
        if self.postfix_runs:
            self.postfix("stop", check=False)
            self.postfix_runs = False
        super().stop()

    def _write(self):
        for folder in ("postfix", "data", "world", "dovecot"):
            (self.base / folder).mkdir(mode=0o755)
        subprocess.run(["chown", "postfix", self.base / "data"], check=True)
        subprocess.run(["chown", "nobody", self.world], check=True)
        values = vars(self)
        (self.etc / "main.cf").write_text(MAIN.format(**values))
        (self.etc / "master.cf").write_text(MASTER.format(
            submission=f"127.0.0.1:{self.submission}", smtp=f"127.0.0.1:{self.smtp}"))
        (self.base / "dovecot.conf").write_text(DOVECOT.format(**values))
        (self.base / "users").write_text(
            "".join(f"{user}:{{PLAIN}}{PASSWORD}::::::\n" for user in self.users))

    def _start_dovecot(self):
        (self.queue / "private").mkdir(mode=0o700)
        subprocess.run(["chown", "postfix", self.queue / "private"], check=True)
        self.spawn(["dovecot", "-F", "-c", self.base / "dovecot.conf"], "dovecot.out")
        wait_until((self.queue / "private" / "auth").exists, "Dovecot's auth socket")

    def _start_sink(self):
        self.spawn(["smtp-sink", "-u", "nobody", "-d", self.world / "%M.",
                    f"127.0.0.1:{self.sink}", "1000"], "sink.out")
        self.spawn(["smtp-sink", "-u", "nobody", "-f", "RCPT",
                    f"127.0.0.1:{self.refuser}", "100"], "refuser.out")
        wait_until(lambda: port_answers(self.sink) and port_answers(self.refuser), "the sink")

    def _start_postfix(self):
        self.postfix("start")
        self.postfix_runs = True
        wait_until(lambda: port_answers(self.smtp) and port_answers(self.submission), "Postfix")
        # Its ports answer before master(8) minds signals: a reload at once would end it.
        wait_until(lambda: self.log.exists() and "daemon started" in self.log.read_text(),
                   "Postfix's master")

    # -- Postfix's own commands

    def postfix(self, verb, check=True):
        done = subprocess.run(["postfix", "-c", self.etc, verb], check=False, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if check and done.returncode != 0:
            log = self.log.read_text() if self.log.exists() else ""
            raise LabError(f"postfix {verb}: {done.stdout}{log[-2000:]}")

    def command(self, name, *arguments, text=None):
        """postqueue, postsuper and sendmail of this instance; gives its output."""
        option = "-C" if name == "sendmail" else "-c"
        return subprocess.run([f"/usr/sbin/{name}", option, self.etc, *arguments], input=text,
                              check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT).stdout.decode()

    def set(self, **parameters):
        """Change main.cf and have it read."""
        for name, value in parameters.items():
            subprocess.run(["postconf", "-c", self.etc, "-e", f"{name}={value}"], check=True)
        self.postfix("reload")

    def queued(self):
        return [json.loads(line) for line in self.command("postqueue", "-j").splitlines()]

    def held(self):
        return [entry for entry in self.queued() if entry["queue_name"] == "hold"]

    def wait_delivered(self, seconds=30.0):
        """Until nothing is left in the queue but what is held."""
        wait_until(lambda: len(self.queued()) == len(self.held()), "an empty queue", seconds)

    # -- mail in and out

    def connect(self, user=None, address=None, source=None):
        """An SMTP session: logged in as USER, or shown as from ADDRESS by XCLIENT."""
        port = self.submission if user else self.smtp
        client = smtplib.SMTP("127.0.0.1", port, timeout=60, local_hostname="client.test",
                              source_address=(source, 0) if source else None)
        client.ehlo()
        if user:
            client.login(user, PASSWORD)
        if address:
            code, text = client.docmd("XCLIENT", f"ADDR={address} NAME=[UNAVAILABLE]")
            if code != 220:
                raise LabError(f"XCLIENT: {code} {text}")
            client.ehlo()
        return client

    def send(self, message, sender, rcpts, **how):
        """Send one message; the reply to its end as (code, text). The queue id is in it."""
        with contextlib.closing(self.connect(**how)) as client:
            return transact(client, message, sender, rcpts)

    def delivered(self):
        """What the world has got, in no order."""
        return [Delivered(path.read_bytes()) for path in self.world.iterdir()]

    def delivered_as(self, mark):
        """The messages whose X-Seq is MARK."""
        return [mail for mail in self.delivered() if mail.field("X-Seq") == mark]

    def wait_mail(self, mark, seconds=20.0):
        """Wait for the message whose X-Seq is MARK."""
        return wait_until(lambda: self.delivered_as(mark), f"message {mark}", seconds)[0]


class Delivered:
    """A message as smtp-sink wrote it: its envelope first, then what Postfix sent."""

    OWN = re.compile(rb"\A(?:X-(?:Client-Addr|Client-Proto|Helo-Args|Mail-Args|Rcpt-Args):.*\n)*"
                     rb"(?:Received: from .*\n(?:\t.*\n)*)")

    def __init__(self, dump):
        envelope = self.OWN.match(dump)
        head = envelope.group(0).decode() if envelope else ""
        self.sender = "".join(re.findall(r"^X-Mail-Args: <(.*?)>", head, re.M))
        self.rcpts = re.findall(r"^X-Rcpt-Args: <(.*?)>", head, re.M)
        text = dump[len(head):] if envelope else dump
        # smtp-sink writes lines with LF and one empty line too many.
        self.raw = text.removesuffix(b"\n").replace(b"\n", b"\r\n")

    def fields(self, name):
        head = self.raw.partition(b"\r\n\r\n")[0]
        head = re.sub(rb"\r\n(?=[ \t])", b"", head).decode("utf-8", "surrogateescape")
        return [line.partition(":")[2].strip() for line in head.split("\r\n")
                if line.partition(":")[0].lower() == name.lower()]

    def field(self, name):
        return (self.fields(name) or [""])[0]

    def signed_by(self):
        """(domain, selector, algorithm) of each DKIM-Signature."""
        found = []
        for value in self.fields("DKIM-Signature"):
            tags = dict(re.findall(r"(\w+)=([^;]*)", re.sub(r"\s+", "", value)))
            found.append((tags.get("d", ""), tags.get("s", ""), tags.get("a", "")))
        return found


def transact(client, message, sender, rcpts):
    """One transaction; the reply that ended it, however far it came."""
    code, text = client.docmd(f"MAIL FROM:<{sender}>")
    for rcpt in rcpts if code == 250 else ():
        code, text = client.docmd(f"RCPT TO:<{rcpt}>")
        if code != 250:
            break
    if code == 250:
        code, text = client.data(message)
    if code != 250:
        with contextlib.suppress(smtplib.SMTPException):
            client.rset()
    return code, text.decode("utf-8", "replace")


def queue_id(reply):
    return re.search(r"queued as (\w+)", reply).group(1)


def stop_child(child, seconds=10.0):
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
