"""Answer an operation by its plan: a query's root fields side by side, a mutation's one after another.

Where rendering raises, the careful walk tells what went wrong, and where. What was loaded until then isn't loaded
again, and no root field is resolved twice.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from gql.execution.answers import Answer, Part, Result, gathered, in_turn, result
from gql.execution.careful import CarefulWalk
from gql.execution.plan import Plan, Resolved, RootField, rendered
from gql.execution.run import Run, side_by_side
from gql.execution.selected import Selected

_log = logging.getLogger(__name__)


class Answering(NamedTuple):
    """Answers one operation by a plan that covers all of it."""

    plan: Plan
    new_run: Callable[[], Run]
    info: Callable[[RootField], Any]
    """What a root field's resolver learns of the operation."""
    selected: Callable[[], Mapping[str, Selected]]
    """The root fields as the document has them, by response key. Asked where something goes wrong."""

    async def query(self) -> Result:
        """All root fields are resolved side by side, and rendered together."""
        run = self.new_run()
        roots = self.plan.roots
        if roots:  # not only `__typename`
            run.context.loaders.expect(len(roots))
        resolved = await side_by_side(lambda root: root.resolved(run, self.info), roots)
        return self._together(await self._answers(run, resolved))

    async def mutation(self) -> Result:
        """Each root field is resolved and rendered before the next one begins, and has what it loads to itself.

        Where one fails that is never null, the rest isn't begun: nobody would learn what it did.
        """
        parts: list[Part] = []
        for field in self.plan.fields:
            if isinstance(field, RootField):
                run = self.new_run()
                answers = await self._answers(run, [await field.resolved(run, self.info)])
                parts.append((field.key, answers[field.key]))
                if answers[field.key].bubbling is not None:
                    break
            else:
                parts.append((field[0], Answer(field[1])))
        return result(in_turn({key: answer.value for key, answer in parts}, parts))

    async def event(self, event: Any) -> Result:
        """Of a subscription: the event is its only root field's value."""
        [root] = self.plan.roots
        return self._together(await self._answers(self.new_run(), [Resolved(root, event)]))

    async def _answers(self, run: Run, resolved: Sequence[Resolved]) -> Mapping[str, Answer]:
        """By response key. Where a resolver's failure makes null of everything, nothing is rendered for it."""
        answers = {each.field.key: each.failed() for each in resolved if each.error is not None}
        if any(answer.bubbling is not None for answer in answers.values()):
            return answers
        found = [each for each in resolved if each.error is None]
        answers.update(zip((each.field.key for each in found), await self._rendered(run, found), strict=True))
        return answers

    async def _rendered(self, run: Run, resolved: Sequence[Resolved]) -> Sequence[Answer]:
        try:
            return [Answer(value) for value in await rendered(run, resolved)]
        except Exception as error:  # whatever it was, the walk meets it too, and tells it
            failure = error
        selected = self.selected()
        answers = await CarefulWalk(run).answers([(selected[each.field.key], each.value) for each in resolved])
        if not any(answer.failures for answer in answers):
            _log.error("a plan failed where the careful walk did not: %s", type(failure).__qualname__)
        return answers

    def _together(self, answers: Mapping[str, Answer]) -> Result:
        parts: list[Part] = []
        for field in self.plan.fields:
            if not isinstance(field, RootField):
                parts.append((field[0], Answer(field[1])))
            elif field.key in answers:
                parts.append((field.key, answers[field.key]))
        return result(gathered({key: answer.value for key, answer in parts}, parts))
