"""What a request has: its viewer, the application's parts, and loaders that see what the viewer sees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from gql.auth.authenticate import SESSION_ENDED, viewer_of_session
from gql.db.engine import Database
from gql.db.loaders import Loaders, View
from gql.db.rows import CustomerRow
from gql.domain.enums import SubjectKind
from gql.domain.errors import Forbidden, Unauthenticated
from gql.domain.policies import AccessMap, access_map
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer, Viewer
from gql.services.audit import Actor
from gql.services.denials import Denials, Subject
from gql.services.invitations import Invitations
from gql.services.own_contact import OwnContact
from gql.services.password_resets import PasswordResets
from gql.services.reads import ReadRecorder, to_note
from gql.services.session_tokens import SignedIn
from gql.services.sessions import Sessions
from gql.services.throttles import Throttles
from gql.settings import Settings
from gql.vault.links import Links
from gql.vault.sealing import Vault
from gql.vault.stores import Store

_NOBODY = UUID(int=0)
_SEES_NO_CUSTOMER: AccessMap = access_map(_NOBODY, _NOBODY, frozenset(), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """The parts that live as long as the process."""

    settings: Settings
    database: Database
    sessions: Sessions
    password_resets: PasswordResets
    invitations: Invitations
    reads: ReadRecorder
    own_contact: OwnContact
    denials: Denials
    vault: Vault
    links: Links
    store: Store
    throttles: Throttles


@dataclass(slots=True)
class BrowserSession:
    """The tokens of a client that keeps them in cookies. The transport reads and writes those; nobody else knows them.

    `refresh_token` is the one that came with the request.
    """

    refresh_token: str | None = field(repr=False)
    issued: SignedIn | None = None
    ended: bool = False

    def keep(self, signed_in: SignedIn) -> None:
        """Have the client keep these tokens."""
        self.issued, self.ended = signed_in, False

    def end(self) -> None:
        """Have the client forget its tokens."""
        self.issued, self.ended = None, True


class Context:
    """One operation's context. Never holds a database session: loaders and services open their own."""

    def __init__(
        self,
        application: Application,
        viewer: Viewer,
        request_id: str,
        client_address: str | None = None,
        browser: BrowserSession | None = None,
    ) -> None:
        self.application = application
        self.viewer = viewer
        self.request_id = request_id
        self.client_address = client_address
        self.browser = browser
        self.denied_account: Subject | None = None
        """Whose account somebody tried in vain to sign in to, for the record."""
        self._read: set[UUID] = set()
        self._has_written = False
        self.loaders = Loaders(self._first_view(), self.note_reads)

    @property
    def database(self) -> Database:
        """The application's database."""
        return self.application.database

    @property
    def access(self) -> AccessMap:
        """What the viewer sees of customers; nobody but admins sees any."""
        return self.viewer.access if isinstance(self.viewer, AdminViewer) else _SEES_NO_CUSTOMER

    @property
    def admin(self) -> AdminViewer:
        """The viewer, who must be an admin. Raises Unauthenticated or Forbidden."""
        if isinstance(self.viewer, AdminViewer):
            return self.viewer
        if isinstance(self.viewer, CustomerViewer):
            raise Forbidden
        raise Unauthenticated(self.viewer.reason) if self.viewer.reason else Unauthenticated()

    @property
    def actor(self) -> Actor:
        """The viewer as audit events name them."""
        match self.viewer:
            case AdminViewer(admin_id=key):
                return Actor(SubjectKind.ADMIN, key, self.request_id, self.client_address)
            case CustomerViewer(customer_id=key):
                return Actor(SubjectKind.CUSTOMER, key, self.request_id, self.client_address)
        return Actor(SubjectKind.SYSTEM, None, self.request_id, self.client_address)

    def become(self, viewer: Viewer) -> None:
        """Go on as another viewer: who has just signed in, or out."""
        self.viewer = viewer
        self.renew()

    def renew(self) -> None:
        """Forget what was read: called after each committed write, so that child fields see what it changed."""
        self._has_written = True
        self.loaders = Loaders(self._view(), self.note_reads)

    async def check_again(self) -> None:
        """Go on as whoever the viewer is by now, with nothing remembered: before each event of a subscription.

        Raises Unauthenticated where the session has ended, and Unavailable.
        """
        await self._look_who_it_is()
        self._read = set()
        self.loaders = Loaders(self._first_view(), self.note_reads)

    async def renew_viewer(self) -> None:
        """The same as `renew`, after a write that changed what the viewer sees by something else than customers' rows.

        Raises Unauthenticated where the session has ended, and Unavailable.
        """
        await self._look_who_it_is()
        self.renew()

    async def _look_who_it_is(self) -> None:
        if isinstance(self.viewer, Anonymous):
            raise Unauthenticated
        is_admin = isinstance(self.viewer, AdminViewer)
        kind, subject_id = SubjectKind.ADMIN if is_admin else SubjectKind.CUSTOMER, self.actor.id
        assert subject_id is not None  # noqa: S101 - of a viewer who isn't anonymous
        viewer = await viewer_of_session(self.database.rows, kind, subject_id, self.viewer.session_id)
        if viewer is None:
            raise Unauthenticated(SESSION_ENDED)
        self.viewer = viewer

    def note_reads(self, customers: Iterable[CustomerRow]) -> None:
        """Put customers who are about to be shown on record, once an operation, where the viewer's roles ask for it, or
        a cover shows them.

        The loaders do so by themselves. Raises Unavailable where that isn't possible at present.
        """
        viewer = self.viewer
        if isinstance(viewer, AdminViewer) and (viewer.reads_audited or viewer.access.has_covers):
            self._note(to_note(viewer, {customer.id: customer.access for customer in customers}))

    async def note_customers_read(self, customer_ids: Iterable[UUID]) -> None:
        """The same by their IDs: of customers whose records are about to be shown without them."""
        viewer = self.viewer
        if not isinstance(viewer, AdminViewer):
            return
        if viewer.access.has_covers:  # by which of them each is seen, their rows tell
            await self.loaders.batch("customer", None, list(dict.fromkeys(customer_ids)))
        elif viewer.reads_audited:
            self._note(dict.fromkeys(customer_ids))

    def _note(self, customers: Mapping[UUID, UUID | None]) -> None:
        new = {key: cover_id for key, cover_id in customers.items() if key not in self._read}
        if new:
            self.application.reads.note(self.actor, new, after_write=self._has_written)
            self._read |= new.keys()

    def _first_view(self) -> View:
        """What finding out who the viewer is has read along is good until something is written."""
        viewer = self.viewer
        if not isinstance(viewer, AdminViewer):
            return self._view()
        own_roles = viewer.admin_id, viewer.roles
        return View(self.database, self.access, viewer.permissions, viewer.as_of, own_roles)

    def _view(self) -> View:
        permissions = self.viewer.permissions if isinstance(self.viewer, AdminViewer) else frozenset()
        return View(self.database, self.access, permissions)
