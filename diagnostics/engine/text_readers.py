"""Who reads a command's answer as the text that another command takes: `$(aws ...)`, `$(kubectl get ...)`."""

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bot.domain.playbook import Action, AwsCall, Call, KubernetesCall
from diagnostics.engine.router import ReadText

if TYPE_CHECKING:
    from diagnostics.clients.aws import AwsClients
    from diagnostics.systems.kubernetes import Kubernetes


def list_text_readers(
    aws: Callable[[], "AwsClients"], clusters: Callable[[], "Kubernetes"]
) -> Mapping[type[Call], ReadText]:
    """Who answers a command for another one that takes its answer as an argument."""

    async def read_aws(action: Action, by: float) -> str:
        from diagnostics.systems.any_aws import AnyAws

        return await AnyAws(await asyncio.to_thread(aws)).read_text(action, by)

    async def read_kubernetes(action: Action, by: float) -> str:
        return await (await asyncio.to_thread(clusters)).read_text(action, by)

    return {AwsCall: read_aws, KubernetesCall: read_kubernetes}
