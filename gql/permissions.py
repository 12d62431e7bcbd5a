"""Strawberry permission classes: stateless, synchronous, each one line onto a policy."""

from typing import Any

import strawberry
from strawberry.permission import BasePermission, PermissionExtension

from gql.domain.errors import Forbidden, Unauthenticated
from gql.domain.roles import Permission
from gql.domain.viewer import AdminViewer, Anonymous, CustomerViewer
from gql.execution.declarations import Guard


class SignedIn(BasePermission):
    """Anyone who has signed in: admin or customer."""

    def has_permission(self, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> bool:
        """Raises Unauthenticated for nobody."""
        viewer = info.context.viewer
        if isinstance(viewer, Anonymous):
            raise Unauthenticated(viewer.reason) if viewer.reason else Unauthenticated()
        return True


class SignedInCustomer(SignedIn):
    """A customer, in the web or mobile app."""

    def has_permission(self, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> bool:
        """Raises Forbidden for admins."""
        super().has_permission(source, info, **kwargs)
        if not isinstance(info.context.viewer, CustomerViewer):
            raise Forbidden("Only customers have this field.")
        return True


class SignedInAdmin(SignedIn):
    """An admin; with a permission, one whose roles grant it."""

    def __init__(self, needs: Permission | None = None) -> None:
        self._needs = needs

    def has_permission(self, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> bool:
        """Raises Forbidden for customers and where the permission is missing."""
        super().has_permission(source, info, **kwargs)
        viewer = info.context.viewer
        if not isinstance(viewer, AdminViewer):
            raise Forbidden
        if self._needs is not None and not viewer.may(self._needs):
            raise Forbidden(f"Your roles don't include the permission {self._needs.value}.")
        return True


class Anyone(BasePermission):
    """Nobody need sign in."""

    def has_permission(self, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> bool:
        """Always."""
        return True


class Shown(BasePermission):
    """What the field's guard says of the row: it is null where the guard says no."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def has_permission(self, source: Any, info: strawberry.Info[Any, Any], **kwargs: Any) -> bool:
        """One look-up."""
        return self._guard(source, info.context)


class NullWhereWithheld(PermissionExtension):
    """Withholds a field as null, lists too, and without an error."""

    def __init__(self, guard: Guard) -> None:
        super().__init__([Shown(guard)], fail_silently=True, use_directives=False)

    def _on_unauthorized(self, permission: BasePermission) -> None:
        return None
