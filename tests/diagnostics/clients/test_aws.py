"""AWS is asked in threads: every answer by its deadline, and every refusal in words that say what to do."""

import asyncio
import json
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bot.domain.finding import Inconclusive, UnknownCause
from bot.domain.playbook import AwsCall
from diagnostics.clients.aws import DEADLINE_MARGIN_S, THREADS, AwsClients, build_console_url
from diagnostics.clients.reachability import Reachability
from sandbox.monitored_systems.redis_server import CERTIFICATE, KEY, make_certificate
from tests.diagnostics.answering_aws import AnsweringAws, Reply, answer, error, isolate_aws, xml_error

SERVICES = AwsCall("ecs", "DescribeServices", {"cluster": "production", "services": ["backend"]})
CLUSTERS = AwsCall("rds", "DescribeDBClusters", {"DBClusterIdentifier": "main"}, pages=True)
METRICS = AwsCall("cloudwatch", "ListMetrics", {"Namespace": "AWS/ECS"})
EVENTS = AwsCall("logs", "FilterLogEvents", {"logGroupName": "/backend"}, pages=True)


@pytest.fixture(autouse=True)
def _only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    isolate_aws(monkeypatch, tmp_path)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AnsweringAws]:
    async with AnsweringAws().served() as running:
        monkeypatch.setenv("AWS_ENDPOINT_URL", running.address)
        yield running


@pytest.fixture
async def aws() -> AsyncIterator[AwsClients]:
    made = AwsClients()
    yield made
    made.close()


def within(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds + DEADLINE_MARGIN_S


async def refusal(aws: AwsClients, call: AwsCall = SERVICES, seconds: float = 10) -> Inconclusive:
    with pytest.raises(Inconclusive) as caught:
        await aws.call(call, within(seconds))
    return caught.value


async def test_the_answer_comes_as_boto3_gives_it(server: AnsweringAws, aws: AwsClients) -> None:
    server.say(answer(services=[{"serviceName": "backend", "createdAt": 1_700_000_000}]))
    found = await aws.call(SERVICES, within(10))
    assert found["services"][0]["createdAt"].tzinfo is not None
    assert json.loads(server.asked[0][1]) == {"cluster": "production", "services": ["backend"]}


DENIED = (
    "User: arn:aws:sts::1:assumed-role/bot is not authorized to perform: ecs:DescribeServices on resource: x"
)
REFUSALS: list[tuple[AwsCall, Reply, UnknownCause, str, str]] = [
    (SERVICES, error("AccessDeniedException", DENIED), UnknownCause.FORBIDDEN, "AWS denies ecs:DescribeServices.",
     "Allow ecs:DescribeServices"),
    (EVENTS, error("AccessDeniedException"), UnknownCause.FORBIDDEN, "AWS denies logs:FilterLogEvents.", "Allow logs:"),
    (AwsCall("elbv2", "DescribeLoadBalancers", {}), xml_error("AccessDenied", "no", 403), UnknownCause.FORBIDDEN,
     "AWS denies elasticloadbalancing:DescribeLoadBalancers.", "Allow"),
    (CLUSTERS, xml_error("UnauthorizedOperation"), UnknownCause.FORBIDDEN, "AWS denies rds:DescribeDBClusters.",
     "Allow"),
    (SERVICES, error("ExpiredTokenException"), UnknownCause.FORBIDDEN, "credentials for AWS have expired", "Renew"),
    (CLUSTERS, xml_error("ExpiredToken", "", 403), UnknownCause.FORBIDDEN, "credentials for AWS have expired", "Renew"),
    (CLUSTERS, xml_error("RequestExpired"), UnknownCause.FORBIDDEN, "too old or too new", "clock"),
    (SERVICES, error("UnrecognizedClientException", "The security token is invalid."), UnknownCause.FORBIDDEN,
     "AWS ecs in ap-south-1 does not know the credentials", "region and partition"),
    (CLUSTERS, xml_error("InvalidClientTokenId", "", 403), UnknownCause.FORBIDDEN,
     "does not know the credentials", "region"),
    (SERVICES, error("ThrottlingException", "Rate exceeded"), UnknownCause.THROTTLED,
     "asks to wait (ThrottlingException)", ""),
    (CLUSTERS, xml_error("RequestLimitExceeded", "", 503), UnknownCause.THROTTLED, "asks to wait", ""),
    (SERVICES, error("ClusterNotFoundException", "Cluster not found."), UnknownCause.NOT_FOUND,
     "AWS ecs in ap-south-1: Cluster not found (ClusterNotFoundException).", "name and the region"),
    (EVENTS, error("ResourceNotFoundException", "The specified log group does not exist."), UnknownCause.NOT_FOUND,
     "log group does not exist", "name"),
    (CLUSTERS, xml_error("DBClusterNotFoundFault", "DBCluster main not found.", 404), UnknownCause.NOT_FOUND,
     "main not found",
     "name"),
    (SERVICES, error("InvalidParameterException", "Services cannot be empty."), UnknownCause.NOT_UNDERSTOOD,
     "does not take the question: Services cannot be empty (InvalidParameterException).", ""),
    (CLUSTERS, xml_error("InvalidParameterCombination", "no"), UnknownCause.NOT_UNDERSTOOD, "does not take", ""),
    (SERVICES, error("SomethingNew", "password=hunter2 token"), UnknownCause.NOT_UNDERSTOOD,
     "refuses: password=[secret]", ""),
    (SERVICES, error("ServerException", "Oops", 500), UnknownCause.UNREACHABLE,
     "AWS ecs in ap-south-1 returned 500.", ""),
    (AwsCall("health", "DescribeEvents", {}), error("SubscriptionRequiredException"), UnknownCause.FORBIDDEN,
     "support plan", ""),
    (SERVICES, Reply(b"<html>502 Bad Gateway</html>", 502, "text/html"), UnknownCause.UNREACHABLE, "returned 502", ""),
    (SERVICES, Reply(b"<html>Sign in</html>", 200, "text/html"), UnknownCause.NOT_UNDERSTOOD,
     "no answer of AWS", "proxy"),
    (CLUSTERS, Reply(b"<html><br>Sign in</html>", 200, "text/html"), UnknownCause.NOT_UNDERSTOOD,
     "no answer of AWS", "proxy"),
    (SERVICES, Reply(b'{"services": [', 200), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (SERVICES, Reply('{"services": []}'.encode("utf-16"), 200), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS",
     "proxy"),
    (SERVICES, Reply(b'{"services": "none"}'), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (SERVICES, Reply(b'{"services": [1]}'), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (SERVICES, Reply(b'{"services": [{"createdAt": "yesterday"}]}'), UnknownCause.NOT_UNDERSTOOD,
     "no answer of AWS", "proxy"),
    (CLUSTERS, Reply(b"<Other/>", kind="text/xml"), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (SERVICES, Reply(b"[]"), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (METRICS, Reply(b"<html>Sign in</html>", 200, "text/html"), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS",
     "proxy"),
    (METRICS, Reply(b"\xbf\x61", 200, "application/cbor"), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (METRICS, Reply(b"Sign in", 200, "text/plain"), UnknownCause.NOT_UNDERSTOOD, "no answer of AWS", "proxy"),
    (SERVICES, Reply(b" " * 20_000_001, 200), UnknownCause.NOT_UNDERSTOOD, "more than 20 MB", "less"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "reply", "cause", "said", "then"), REFUSALS, ids=[f"{at}-{each[2]}" for at, each in enumerate(REFUSALS)]
)  # fmt: skip
async def test_a_refusal_is_told_with_its_cause(
    server: AnsweringAws,
    aws: AwsClients,
    call: AwsCall,
    reply: Reply,
    cause: UnknownCause,
    said: str,
    then: str,
) -> None:
    server.say(reply)
    why = await refusal(aws, call)
    assert (why.cause, said in why.said, then in why.next_look) == (cause, True, True), (
        why.said,
        why.next_look,
    )
    assert "hunter2" not in why.said


async def test_a_socket_that_hangs_is_left_at_the_deadline(server: AnsweringAws, aws: AwsClients) -> None:
    server.say(Reply(hangs=True))
    began = asyncio.get_running_loop().time()
    why = await refusal(aws, seconds=0.3)
    assert (why.cause, why.said) == (UnknownCause.TIMEOUT, "AWS ecs in ap-south-1 has not answered in time.")
    assert asyncio.get_running_loop().time() - began < 2


async def test_a_certificate_that_is_not_trusted_is_said(
    aws: AwsClients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / CERTIFICATE, tmp_path / KEY)
    proxy = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://127.0.0.1:{proxy.sockets[0].getsockname()[1]}")
    why = await refusal(aws)
    assert (why.cause, "its certificate is not trusted" in why.said) == (UnknownCause.UNREACHABLE, True), (
        why.said
    )
    assert "proxy" in why.next_look
    proxy.close()
    await proxy.wait_closed()


async def test_who_drips_is_left_and_its_thread_is_free_again(server: AnsweringAws, aws: AwsClients) -> None:
    await aws.warm(["ecs"])
    server.say(Reply(drips=True))
    everyone = await asyncio.gather(*(refusal(aws, seconds=0.4) for _ in range(THREADS)))
    assert {why.cause for why in everyone} == {UnknownCause.TIMEOUT}
    server.say(answer(services=[]))
    assert (await aws.call(SERVICES, within(5)))["services"] == []


async def test_what_comes_after_the_deadline_is_thrown_away_and_nothing_is_asked_a_second_time(
    server: AnsweringAws, aws: AwsClients
) -> None:
    await aws.warm(["ecs"])
    server.say(Reply(drips=True))
    why = await refusal(aws, seconds=0.3)
    assert why.cause is UnknownCause.TIMEOUT
    async with asyncio.timeout(60):
        await server.gone.wait()
    aws.close()
    for thread in threading.enumerate():
        if thread.name.startswith("aws"):
            await asyncio.to_thread(thread.join, 5)
    assert len(server.asked) == 1


async def test_a_read_that_was_dropped_is_tried_twice_and_no_more(
    server: AnsweringAws, aws: AwsClients
) -> None:
    server.say(error("ServerException", status=500), answer(services=[]))
    assert (await aws.call(SERVICES, within(10)))["services"] == []
    server.say(error("ServerException", status=500))
    await refusal(aws)
    assert len(server.asked) == 4


async def test_pages_are_read_while_there_is_time_and_the_rest_is_said_to_be_missing(
    server: AnsweringAws, aws: AwsClients
) -> None:
    page = answer(events=[{"message": "one"}], nextToken="more")
    server.say(page, answer(events=[], nextToken="much more"), Reply(hangs=True))
    found = [each async for each in aws.pages(EVENTS, within(3))]
    assert [len(each.get("events", ())) for each in found] == [1, 0, 0]
    assert found[-1] == {"Truncated": True}


async def test_all_pages_are_one_answer(server: AnsweringAws, aws: AwsClients) -> None:
    server.say(
        answer(events=[{"message": "one"}], nextToken="more"),
        answer(events=[], nextToken="still more"),
        answer(events=[{"message": "two"}, {"message": "three"}]),
    )
    found = await aws.call(EVENTS, within(10))
    assert [each["message"] for each in found["events"]] == ["one", "two", "three"]
    assert "Truncated" not in found
    server.say(answer(events=[{"message": str(number)} for number in range(9)]))
    few = await aws.call(
        AwsCall("logs", "FilterLogEvents", EVENTS.parameters, pages=True, max_items=4), within(10)
    )
    assert (len(few["events"]), few["Truncated"]) == (4, True)


async def test_a_first_page_that_is_refused_is_a_refusal_and_a_later_one_that_must_wait_is_not(
    server: AnsweringAws, aws: AwsClients
) -> None:
    server.say(error("ThrottlingException"))
    assert (await refusal(aws, EVENTS)).cause is UnknownCause.THROTTLED
    server.say(answer(events=[{"message": "one"}], nextToken="more"), error("ThrottlingException"))
    found = await aws.call(EVENTS, within(10))
    assert (len(found["events"]), found["Truncated"]) == (1, True)


async def test_pages_that_go_round_in_circles_end(server: AnsweringAws, aws: AwsClients) -> None:
    server.say(answer(taskArns=["a"], nextToken="more"))
    why = await refusal(aws, AwsCall("ecs", "ListTasks", {}, pages=True))
    assert (why.cause, "the same page" in why.said) == (UnknownCause.NOT_UNDERSTOOD, True)


async def test_who_stops_reading_pages_leaves_nothing_behind(server: AnsweringAws, aws: AwsClients) -> None:
    server.say(answer(events=[{"message": "one"}], nextToken="more"))
    async with aclosing(aws.pages(EVENTS, within(10))) as pages:
        async for _ in pages:
            break
    assert len(server.asked) == 1


async def test_items_that_lie_deeper_are_joined_too(server: AnsweringAws, aws: AwsClients) -> None:
    def page(name: str, more: str) -> Reply:
        text = (
            "<DistributionList xmlns='http://cloudfront.amazonaws.com/doc/2020-05-31/'><Marker/>"
            f"{more}<Items><DistributionSummary><Id>{name}</Id></DistributionSummary></Items></DistributionList>"
        )
        return Reply(text.encode(), kind="text/xml")

    server.say(
        page("E1", "<IsTruncated>true</IsTruncated><NextMarker>E1</NextMarker>"),
        page("E2", "<IsTruncated>false</IsTruncated>"),
    )
    found = await aws.call(AwsCall("cloudfront", "ListDistributions", {}, pages=True), within(10))
    assert [each["Id"] for each in found["DistributionList"]["Items"]] == ["E1", "E2"]


SETTINGS: list[tuple[dict[str, str], dict[str, Any], UnknownCause, str]] = [
    ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, {}, UnknownCause.NOT_CONFIGURED,
     "there are no credentials"),
    ({"AWS_SECRET_ACCESS_KEY": ""}, {}, UnknownCause.NOT_CONFIGURED, "there are no credentials"),
    ({"AWS_DEFAULT_REGION": ""}, {}, UnknownCause.NOT_CONFIGURED, "no region is set"),
    ({}, {"region": "mumbai!"}, UnknownCause.NOT_CONFIGURED, "that is no region"),
    ({}, {"profile": "gone"}, UnknownCause.NOT_CONFIGURED, "there is no profile gone"),
    ({"AWS_ENDPOINT_URL": "localhost"}, {}, UnknownCause.NOT_CONFIGURED, "AWS_ENDPOINT_URL is no address"),
    ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, {}, UnknownCause.UNREACHABLE, "nothing listens there"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "more", "cause", "said"), SETTINGS)
async def test_what_is_not_configured_is_named(
    server: AnsweringAws,
    aws: AwsClients,
    monkeypatch: pytest.MonkeyPatch,
    settings: dict[str, str],
    more: dict[str, Any],
    cause: UnknownCause,
    said: str,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    why = await refusal(aws, AwsCall(SERVICES.service, SERVICES.operation, SERVICES.parameters, **more))
    assert (why.cause, said in why.said) == (cause, True), why.said
    assert server.asked == []


async def test_what_is_not_reached_counts_beside_other_hosts(
    server: AnsweringAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where neither AWS nor a site is known by its name, it is the way out from here."""
    reached = Reachability()
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://aws.invalid")
    cut_off = AwsClients(reachability=reached)
    for service, operation in (("ecs", "ListClusters"), ("logs", "DescribeLogGroups")):
        why = await refusal(cut_off, AwsCall(service, operation, {}, pages=True))
        assert why.said.endswith(("its name is not known here.", "its name cannot be looked up just now."))
    with pytest.raises(Inconclusive), reached.track_request("api.shop.example"):
        raise Inconclusive(
            UnknownCause.UNREACHABLE, why.said.replace("AWS logs in ap-south-1", "api.shop.example")
        )
    others = await reached.find_similar_failures("api.shop.example")
    assert others == ("AWS ecs in ap-south-1", "AWS logs in ap-south-1")


async def test_a_question_that_aws_does_not_know_is_not_sent(server: AnsweringAws, aws: AwsClients) -> None:
    for call in (
        AwsCall("ecs", "DescribeServices", {"clutser": "x"}),
        AwsCall("esc", "DescribeServices", {}),
    ):
        why = await refusal(aws, call)
        assert (why.cause, "AWS takes no such question" in why.said) == (UnknownCause.NOT_UNDERSTOOD, True), (
            why.said
        )
    assert server.asked == []


async def test_a_configuration_that_cannot_be_read_is_told(
    server: AnsweringAws, aws: AwsClients, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[default\nregion")
    assert (await refusal(aws)).said == "AWS skipped: its configuration cannot be read."


async def test_region_and_profile_of_a_command_are_asked(
    server: AnsweringAws, aws: AwsClients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    (tmp_path / "config").write_text("[profile other]\nregion = eu-west-1\n")
    (tmp_path / "credentials").write_text(
        "[other]\naws_access_key_id = OTHERKEY\naws_secret_access_key = x\n"
    )
    server.say(answer(services=[]))
    there = AwsCall("ecs", "DescribeServices", SERVICES.parameters, region="us-east-2")
    other = AwsCall("ecs", "DescribeServices", SERVICES.parameters, profile="other")
    for call in (there, other):
        await aws.call(call, within(10))
    assert [aws.region_of(call) for call in (SERVICES, there, other)] == ["", "us-east-2", "eu-west-1"]
    assert AwsClients(region="sa-east-1").region_of(SERVICES) == "sa-east-1"
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    assert AwsClients().region_of(SERVICES) == "eu-north-1"


@pytest.mark.parametrize("code", ["ExpiredTokenException", "UnrecognizedClientException"])
async def test_credentials_that_were_renewed_are_used_without_a_restart(
    server: AnsweringAws, aws: AwsClients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert (await refusal(aws)).cause is UnknownCause.NOT_CONFIGURED
    for key, reply in (("OLD", error(code)), ("NEW", answer(services=[]))):
        (tmp_path / "credentials").write_text(
            f"[default]\naws_access_key_id = {key}\naws_secret_access_key = x\n"
        )
        server.say(reply)
        if key == "OLD":
            assert (await refusal(aws)).cause is UnknownCause.FORBIDDEN
        else:
            await aws.call(SERVICES, within(10))
    assert server.keys == ["OLD", "NEW"]


def sts(key: str) -> Reply:
    text = (
        "<AssumeRoleResponse xmlns='https://sts.amazonaws.com/doc/2011-06-15/'><AssumeRoleResult><Credentials>"
        f"<AccessKeyId>{key}</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
        "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
    )
    return Reply(text.encode(), kind="text/xml")


async def test_a_role_is_assumed_once_and_a_refusal_names_that_action(server: AnsweringAws) -> None:
    aws = AwsClients(role="arn:aws:iam::123456789012:role/reader")
    server.say(xml_error("AccessDenied", "no", 403))
    assert (await refusal(aws)).said == "AWS denies sts:AssumeRole."
    server.asked.clear()
    server.say(sts("ASIAASSUMED"), answer(services=[]))
    for _ in range(2):
        assert (await aws.call(SERVICES, within(10)))["services"] == []
    assert [operation for operation, _ in server.asked] == ["", "DescribeServices", "DescribeServices"]
    assert b"role%2Freader" in server.asked[0][1]
    aws.close()


async def test_a_role_without_credentials_to_assume_it_is_told(
    aws: AwsClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert (
        await refusal(AwsClients(role="arn:aws:iam::1:role/x"))
    ).said == "AWS skipped: there are no credentials."


async def test_clients_are_made_before_they_are_needed_and_kept(
    server: AnsweringAws, aws: AwsClients
) -> None:
    await aws.warm(["ecs", "logs", "no-such-service"])
    made = dict(aws._clients)
    assert [service for service, _, _ in made] == ["ecs", "logs"]
    await aws.call(SERVICES, within(10))
    assert aws._clients == made


async def test_what_lacks_is_said_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AwsClients().describe_missing(SERVICES) == ""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "AWS_REGION is not set" in AwsClients().describe_missing(SERVICES)
    assert AwsClients(region="ap-south-1").describe_missing(SERVICES) == ""


def test_a_console_is_that_of_its_partition() -> None:
    assert build_console_url("ap-south-1", "ecs/v2") == "https://ap-south-1.console.aws.amazon.com/ecs/v2"
    assert build_console_url("cn-north-1", "ecs/v2") == "https://cn-north-1.console.amazonaws.cn/ecs/v2"
    assert build_console_url("us-gov-west-1", "x") == "https://us-gov-west-1.console.amazonaws-us-gov.com/x"
