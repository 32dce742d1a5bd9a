"""Posts: filled, vacated, filled again; what those in post carry makes the slots of a service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, log2

from simulation.county.policy import Policy
from simulation.county.service import Service
from simulation.engine import eventlog
from simulation.engine.clock import Process, Signal
from simulation.engine.stream import Stream
from simulation.inputs.parameters import Staffing
from simulation.inputs.role import CASE_MANAGERS, PRESCRIBERS, WITHOUT_CASELOAD, Role

RAMP_STEPS = 4
"""A new hire begins with a quarter of a caseload and gains a quarter in each third of the ramp-up."""


@dataclass(frozen=True)
class Terms:
    """On what terms a post exists.

    fte: full-time equivalents; places: people served at once by one full-time person, the service's own
    ratio if none; pay: salary over the market's, the usual if none; fund: the grant that pays; until: day
    on which the post ends for good; away: spans of days on which whoever is in post is absent.
    """

    role: Role = "case_manager"
    fte: float = 1.0
    places: float | None = None
    pay: float | None = None
    fund: str = ""
    until: float = inf
    away: tuple[tuple[float, float], ...] = ()


class Staff:
    """The posts of one service, from which its slots follow.

    places: slots that one full-time person makes, now; target: the same as it was on day 0, against which
    a caseload counts as heavy. Slots that the service has without staff stay beside those made here.
    """

    def __init__(self, service: Service, staffing: Staffing, policy: Policy, places: float = 1.0) -> None:
        self.service = service
        self.staffing = staffing
        self.policy = policy
        self.places = self.target = places
        self.posts: list[Post] = []
        self.counts: dict[Role, int] = {}
        self.on_change: Callable[[], object] | None = None
        self.on_exit: Callable[[Post], None] | None = None
        self._made = 0.0
        self._served = 0.0
        self._overload = 1.0
        service.on_census_change = self.feel_caseload

    @property
    def authorized(self) -> float:
        """FTE of the posts that carry a caseload, filled or vacant."""
        return sum(post.terms.fte for post in self.posts if post.carries)

    @property
    def in_post(self) -> float:
        """FTE in post that carry a caseload."""
        return sum(post.terms.fte for post in self.posts if post.carries and post.filled)

    @property
    def in_the_field(self) -> float:
        """FTE of a caseload that those in post carry today: absent ones none, new ones a part."""
        return sum(post.carried for post in self.posts if post.carries)

    @property
    def made(self) -> float:
        """Slots that staff make: what those in post carry, or all posts if a vacancy spreads its people."""
        if self.policy.spread_vacancies:
            return sum(post.terms.fte * self._places(post) for post in self.posts if post.carries)
        return sum(post.carried * self._places(post) for post in self.posts if post.carries)

    def _places(self, post: Post) -> float:
        return self.places if post.terms.places is None else post.terms.places

    @property
    def overload(self) -> float:
        """People served over the slots of those in post on day 0's terms, 1 if that is not heavy."""
        full = self.service.slots - self._made + self._served
        busy = self.service.census
        return busy / full if busy > full > 0 else 1.0

    def _on_old_terms(self) -> float:
        """Slots of those in post on day 0's terms."""
        return sum(
            post.terms.fte * (post.terms.places or self.target)
            for post in self.posts
            if post.carries and post.filled
        )

    def authorize(self, stream: Stream, terms: Terms) -> Post:
        """Create a post; it lives once its ``life`` is made a process."""
        post = Post(self, stream, terms)
        self.posts.append(post)
        return post

    def changed(self) -> None:
        """Write who is in post, and let slots and caseloads follow."""
        service = self.service
        service.log.capacity(service.env.now, service.name, "posts", self.authorized)
        service.log.capacity(service.env.now, service.name, "clinicians", self.in_post)
        made, before = self.made, self._made
        self._made, self._served = made, self._on_old_terms()
        service.resize(round(service.slots + made - before, 9))
        self.feel_caseload()
        if self.on_change is not None:
            self.on_change()

    def feel_caseload(self) -> None:
        """Let those in post look again at how fast they leave, if a heavy caseload changed."""
        overload = self.overload
        if overload != self._overload:
            self._overload = overload
            self.look_again()

    def look_again(self) -> None:
        """Let everybody in post look again at what makes them leave."""
        for post in list(self.posts):
            post.signal.fire("look again")

    def count(self, role: Role) -> int:
        """How many posts of a role were ever authorized."""
        return self.counts.get(role, 0)

    def pay_at_least(self, share: float, role: Role | None) -> None:
        """Pay at least this share of the market's salary, to everyone or to one role."""
        for post in list(self.posts):
            if role in (None, post.terms.role):
                post.raise_pay(share)

    def cut(self, role: Role, number: int) -> None:
        """Abolish this number of posts of a role: vacant ones first, then the last authorized."""
        open_posts = [post for post in self.posts if post.terms.role == role and not post.ended]
        open_posts.sort(key=lambda post: (post.filled, -post.number))
        for post in open_posts[:number]:
            post.end("cut")


class Post:
    """One post: filled until vacated, vacant until someone is recruited, until it ends for good.

    since: day on which the person in post began, none while vacant; carried: FTE of a caseload carried now.
    """

    def __init__(self, staff: Staff, stream: Stream, terms: Terms) -> None:
        self.staff = staff
        self.stream = stream
        self.terms = terms
        self.pay = terms.pay
        self.number = sum(staff.counts.values())
        self.carries = terms.role not in WITHOUT_CASELOAD
        self.since: float | None = None
        self.carried = 0.0
        self.ended = ""
        self.env = staff.service.env
        self.signal = Signal(self.env)
        staff.counts[terms.role] = staff.count(terms.role) + 1
        self.record = eventlog.Post(
            self.number, staff.service.name, terms.role, terms.fte, self.carries, self.env.now
        )
        staff.service.log.posts.append(self.record)

    @property
    def filled(self) -> bool:
        """Whether someone is in post."""
        return self.since is not None

    def end(self, why: str) -> None:
        """End the post for good, now."""
        self.ended = self.ended or why
        self.signal.fire(why)

    def life(self, vacant_for: float = 0.0, settled: bool = False) -> Process[None]:
        """Vacancy and tenure in turn, until the post ends; the first person may have settled before day 0."""
        while not self.ended:
            yield from self.vacant(vacant_for)
            if not self.ended:
                yield from self.tenure(settled and vacant_for <= 0)
            vacant_for, settled = self.recruitment(), False
        self.record.closed, self.record.why = self.env.now, self.ended
        self.staff.posts.remove(self)
        self.staff.changed()

    def vacant(self, days: float) -> Process[None]:
        """Until someone begins or the post ends."""
        begins = self.env.now + days
        while self.env.now < begins and not self.ended:
            yield self._wait(begins)

    def tenure(self, settled: bool) -> Process[None]:
        """From the first day of a person in post to the last."""
        rate = self.usual_turnover
        worked = self.stream.exponential("staffing.worked") / rate if settled and rate else 0.0
        self.since = self.env.now - worked
        tenure = eventlog.Tenure(self.number, self.staff.service.name, self.terms.role, self.since)
        self.staff.service.log.tenures.append(tenure)
        yield from self._until_leaving(self.stream.exponential("staffing.turnover"))
        self.since, self.carried = None, 0.0
        tenure.ended, tenure.why = self.env.now, self.ended or "left"
        if not self.ended:
            self.staff.changed()
        if self.staff.on_exit is not None:
            self.staff.on_exit(self)

    def _until_leaving(self, left: float) -> Process[None]:
        """Spend the hazard of leaving at the current rate; take up a caseload step by step."""
        news = True
        while not self.ended:
            carried, next_change = self.carrying()
            if news or carried != self.carried:
                self.carried, news = carried, False
                self.staff.changed()
            begun, rate = self.env.now, self.rate()
            leaves = begun + left / rate if rate else inf
            yield self._wait(min(leaves, next_change))
            left = max(0.0, left - (self.env.now - begun) * rate)
            if self.env.now >= leaves:
                return

    def _wait(self, until: float) -> Signal:
        """A signal due on a day, on the last day of the post at the latest."""
        if self.terms.until <= self.env.now:
            self.ended = self.ended or "grant_ended"
        day = min(until, self.terms.until)
        self.signal = Signal(self.env, max(0.0, day - self.env.now) if day < inf else inf)
        return self.signal

    def carrying(self) -> tuple[float, float]:
        """FTE of a caseload carried today, and the next day on which that changes."""
        today, since = self.env.now, self.since or 0.0
        third = self.staffing.ramp_up.days / (RAMP_STEPS - 1)
        days = [since + step * third for step in range(1, RAMP_STEPS)]
        steps = 1 + sum(day <= today for day in days)
        days += [day for span in self.terms.away for day in span]
        away = any(start <= today < end for start, end in self.terms.away)
        return (
            0.0 if away else self.terms.fte * steps / RAMP_STEPS,
            min((day for day in days if day > today), default=inf),
        )

    @property
    def staffing(self) -> Staffing:
        """What is assumed of posts."""
        return self.staff.staffing

    def rate(self) -> float:
        """Departures per day now: the usual turnover times what pay, caseload and paperwork make of it."""
        s = self.staffing
        usual = s.usual_pay.value
        pay = usual if self.pay is None else self.pay
        paperwork = 10 * (self.staff.policy.administrative_share - s.administrative_share.value)
        return float(
            self.usual_turnover
            * (pay / usual) ** -s.pay_elasticity.value
            * self.staff.overload ** log2(s.double_caseload_ratio.value)
            * s.administrative_ratio.value**paperwork
        )

    @property
    def usual_turnover(self) -> float:
        """Departures per day of the role at ordinary pay, caseload and paperwork."""
        s = self.staffing
        ratio = s.case_manager_turnover_ratio.value if self.terms.role in CASE_MANAGERS else 1.0
        return s.turnover.per_day * ratio

    @property
    def recruitment_ratio(self) -> float:
        """How many times longer than others a post of the role stays vacant."""
        prescriber = self.terms.role in PRESCRIBERS
        return self.staffing.prescriber_recruitment_ratio.value if prescriber else 1.0

    def raise_pay(self, share: float) -> None:
        """Pay at least this share of the market's salary from now on."""
        self.pay = max(self.staffing.usual_pay.value if self.pay is None else self.pay, share)
        self.signal.fire("pay")

    def recruitment(self) -> float:
        """Days until a vacancy that begins now is filled."""
        days = self.staffing.recruitment.sample(self.stream.uniform("staffing.recruitment"))
        return days * self.recruitment_ratio

    def vacancy_on_day_0(self) -> float:
        """Days the post stays vacant on day 0: none for most, the rest of a recruitment for some."""
        recruitment = self.staffing.recruitment
        vacant = recruitment.mean * self.recruitment_ratio * self.usual_turnover
        if not self.stream.bernoulli("staffing.vacant", vacant / (vacant + 1)):
            return 0.0
        whole = recruitment.sample_in_progress(self.stream.uniform("staffing.vacancy"))
        return whole * self.recruitment_ratio * self.stream.uniform("staffing.vacancy_left")
