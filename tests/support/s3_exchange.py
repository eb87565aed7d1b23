"""One request and its answer on a connection of the test server, cut short where the request's fault says so."""

import dataclasses

import s3_http
from s3_answers import Answer, Refused
from s3_schedule import Close, Phase


@dataclasses.dataclass
class Request:
    """What the server remembers of a request: nothing that is secret."""

    operation: str
    key: str
    part_number: str
    at: float        # time.monotonic()
    is_reused: bool  # it came on a connection that had carried another one
    fault: str = ""  # empty: it met none
    status: int = 0  # of the answer; 0: there was none
    is_done: bool = False      # the operation was done, with success
    is_answered: bool = False  # a byte of the answer went out

    @property
    def has_failed(self):
        return not self.is_answered or not 200 <= self.status < 300 or bool(self.fault)


def as_answer(instead):
    return instead.answer() if isinstance(instead, Refused) else instead


class Exchange:
    """`server` is asked what to do (meet, check, perform), and what time it is."""

    def __init__(self, server, wire, is_reused):
        self.server = server
        self.wire = wire
        self.is_reused = is_reused
        self.fault = None
        self.noted = None
        self.line = None

    def run(self):
        """Whether the connection can carry another one."""
        if not self.is_reused and self.server.faults.may_refuse_connections():
            self.begin(self.wire.peek_line(self.server.stopping))
            if self.ends_at(Phase.ACCEPT):
                return False
        first = self.wire.read_line()
        if self.noted is None:
            self.begin(first)
        # A connection that is there already can't be refused: it ends as early as it can.
        if self.ends_at(Phase.REQUEST_LINE) or (self.is_reused and self.ends_at(Phase.ACCEPT)):
            return False
        headers = self.read_headers()
        return headers is not None and self.go_on(headers)

    def begin(self, first):
        self.line = s3_http.read_request_line(first)
        self.noted, self.fault = self.server.meet(self.line, self.is_reused)

    def ends_at(self, phase):
        """Whether the connection ends here. A stall only waits."""
        if self.fault is None:
            return False
        if self.fault.stall_at == phase:
            self.server.stopping.wait(self.fault.seconds)
        if self.fault.cut_at == phase:
            self.end()
        return self.fault.cut_at == phase

    def end(self):
        if self.fault.close == Close.RESET:
            self.wire.reset()
        else:
            self.wire.close()

    def read_headers(self):
        """[(name, value)], in their order; None: the connection has ended amid them."""
        headers = []
        while (text := self.wire.read_line()) not in (b"\r\n", b"\n"):
            headers.append(s3_http.read_header(text))
            if len(headers) == 1 and self.ends_at(Phase.HEADERS):
                return None
        return headers

    def go_on(self, sent):
        headers = dict(sent)
        if self.ends_at(Phase.BEFORE_BODY):
            return False
        try:
            size = s3_http.body_size_of(headers)
        except Refused as refusal:
            return self.say(refusal.answer(), keeps_alive=False)  # nobody knows where the body ends
        refusal = self.refuse_early(sent)
        is_announced = headers.get("expect", "").lower() == "100-continue"
        if refusal is not None and is_announced:
            return self.say(refusal, keeps_alive=False)  # the body never comes
        if is_announced:
            self.wire.send(s3_http.CONTINUE)
        body = self.read_body(size)
        if body is None or self.ends_at(Phase.BEFORE_OPERATION):
            return False
        done = refusal if refusal is not None else self.perform(sent, body)
        if self.ends_at(Phase.AFTER_OPERATION):
            return False
        return self.say(done, keeps_alive=headers.get("connection", "").lower() != "close")

    def refuse_early(self, sent):
        """What can be said without the body: a fault's answer, or what is wrong with the head."""
        if self.fault is not None and self.fault.instead is not None and not self.fault.is_done_all_the_same:
            return as_answer(self.fault.instead)
        try:
            self.server.check(self.line, sent)
        except Refused as refusal:
            return refusal.answer()
        return None

    def read_body(self, size):
        """None: the connection has ended amid it."""
        is_cut = self.fault is not None and Phase.BODY in (self.fault.cut_at, self.fault.stall_at)
        first = self.wire.read(size // 2) if is_cut else b""
        return None if self.ends_at(Phase.BODY) else first + self.wire.read(size - len(first))

    def perform(self, headers, body):
        try:
            done = self.server.perform(self.line, headers, body)
        except Refused as refusal:
            return refusal.answer()
        self.noted.is_done = True
        return as_answer(self.fault.instead) if self.fault is not None and self.fault.instead is not None else done

    def say(self, answer, keeps_alive):
        """Sends what the fault leaves of the answer; whether the connection goes on."""
        keeps_alive = keeps_alive and not self.server.faults.will_refuse_a_connection()
        is_document = answer.headers.get("content-type") == "application/xml"
        if self.fault is not None and self.fault.shorten_body_to is not None and is_document:
            left = int(len(answer.body) * self.fault.shorten_body_to)
            answer = Answer(answer.status, answer.headers, answer.body[:left])
        self.noted.status = answer.status
        head = s3_http.head_of(answer, self.server.now(), keeps_alive)
        body = b"" if self.line.method == "HEAD" or answer.status == 204 else answer.body
        if self.fault is not None and self.fault.cut_at == Phase.ANSWER:
            in_body = len(body) > 0 and not self.fault.is_head_cut
            self.send(head + body[:len(body) // 2] if in_body else head[:len(head) // 2])
            self.end()
            return False
        if self.ends_at(Phase.ANSWER):
            return False
        self.send(head + body)
        return keeps_alive

    def send(self, text):
        self.noted.is_answered = True
        if self.fault is None or self.fault.pieces == 0:
            return self.wire.send(text)
        size = len(text) // self.fault.pieces + 1
        for first in range(0, len(text), size):
            self.wire.send(text[first:first + size])
            self.server.stopping.wait(self.fault.seconds)
        return None
