"""An admin viewer has the permissions of all roles together, and sees by their visibility rules."""

from gql.domain.ids import new_id
from gql.domain.roles import ACCOUNT_MANAGER, AUDITOR, COLLECTIONS_OFFICER, Level, Permission, Role
from gql.domain.viewer import AdminViewer


def viewer(*roles: Role) -> AdminViewer:
    """An admin with these roles."""
    return AdminViewer(new_id(), new_id(), new_id(), roles)


def test_permissions_add_up() -> None:
    """Two roles grant what either grants."""
    both = viewer(AUDITOR, COLLECTIONS_OFFICER)

    assert both.permissions == AUDITOR.permissions | COLLECTIONS_OFFICER.permissions
    assert both.may(Permission.AUDIT_READ)
    assert both.may(Permission.CUSTOMER_LOOKUP)
    assert not both.may(Permission.CUSTOMER_ASSIGN)


def test_without_roles_there_is_no_permission() -> None:
    """Nor any customer but the own book."""
    nobody = viewer()

    assert nobody.permissions == frozenset()
    assert nobody.access.to(new_id(), None, nobody.office_id).level is Level.NONE
    assert nobody.access.to(new_id(), nobody.admin_id, nobody.office_id).level is Level.FULL


def test_sight_is_of_the_own_office_even_when_no_subtree_was_read() -> None:
    """`subtree` may be left out where no role asks for it."""
    manager = viewer(ACCOUNT_MANAGER)

    assert manager.access.to(new_id(), None, manager.office_id).level is Level.LIMITED
    assert manager.access.to(new_id(), None, new_id()).level is Level.NONE
