"""Forty secrets in everything that is read: none of them in any call to Slack, log line, database row or metric."""

import json
import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.adapters.embedded_postgres import PrivatePostgres
from sandbox.monitored_systems.redis_server import RedisServer
from tests.bot.text.test_redaction import SECRETS
from tests.diagnostics.answering_aws import AnsweringAws, Reply, answer
from tests.scenarios.conftest import World

LINES = [f"{number}: {line}" for number, line in enumerate(SECRETS.values())]
OUTSIDE = (
    *("leaky.example", "status.leaky.example", "api.leaky.example"),
    *("api.razorpay.com", "sentry.io", "api.github.com"),
)
RUNBOOK = """# Runbook

### P0 - CRITICAL
- **Response Time**: < 5 minutes
- **Action**: page CTO

## P0 INCIDENT: EVERYTHING LEAKS

### Symptoms
- Health check fails

### Immediate Actions

```bash
# 1. Service status
aws ecs describe-services --cluster prod --services api

# 2. Logs
aws logs tail /aws/prod --since 10m --filter-pattern "ERROR"

# 3. Patterns
aws logs tail /aws/prod --since 30m | grep -oP 'Error: \\K.*' | sort | uniq -c

# 4. Task definition
aws ecs describe-task-definition --task-definition api \\
  --query 'taskDefinition.containerDefinitions[].{image: image, command: command[0]}'

# 5. Connections
psql -h $PGHOST -c "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"

# 6. Rows
psql -h $PGHOST -c "SELECT * FROM leak"

# 7. A page
curl https://leaky.example/report

# 8. Status page
curl https://status.leaky.example/api/v2/status.json

# 9. Razorpay
# Visit: https://dashboard.razorpay.com/payments

# 10. Sentry
# Visit: https://sentry.io/organizations/leaky/issues/

# 11. Changes
git log --since="2 hours ago" --oneline

# 12. Key
redis-cli --tls -h $REDIS_HOST -a $REDIS_PASSWORD TYPE leak

# 13. Slow commands
redis-cli --tls -h $REDIS_HOST -a $REDIS_PASSWORD SLOWLOG GET 100

# 14. Statements
psql -h $PGHOST -c "SELECT pid, query FROM pg_stat_activity WHERE application_name LIKE 'password%'"

# 15. Waits
psql -h $PGHOST -c "SELECT * FROM pg_stat_activity WHERE wait_event IS NOT NULL"

# 16. Kill idle ones
psql -h $PGHOST -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'no such state'"
```
"""


def epoch(minutes: int) -> int:
    return int(1000 * (datetime.now(UTC) - timedelta(minutes=minutes)).timestamp())


def from_aws(operation: str, body: bytes) -> Reply:
    """ECS and CloudWatch Logs, with a secret in each text."""
    moment = datetime.now(UTC).timestamp() - 120
    told: dict[str, dict[str, Any]] = {
        "DescribeServices": {
            "services": [
                {
                    "serviceName": "api", "status": "ACTIVE", "desiredCount": 2, "runningCount": 0,
                    "deployments": [{"id": "d", "status": "PRIMARY", "rolloutState": "FAILED", "failedTasks": 1,
                                     "rolloutStateReason": LINES[11], "taskDefinition": "arn/api:2",
                                     "createdAt": moment}],
                    "events": [{"id": str(n), "createdAt": moment, "message": f"unable to place {line}"}
                               for n, line in enumerate(LINES)],
                }
            ],
            "failures": [],
        },
        "ListTasks": {"taskArns": ["arn/task"]},
        "DescribeTasks": {"tasks": [{"stoppedReason": line, "stoppedAt": moment,
                                     "containers": [{"reason": line}]} for line in LINES]},
        "DescribeTaskDefinition": {
            "taskDefinition": {
                "taskDefinitionArn": "arn/api:2",
                "containerDefinitions": [
                    {"name": "api", "image": f"host/api:{n}", "command": [line],
                     "environment": [{"name": f"PLAIN_{n}", "value": secret}]}
                    for n, (secret, line) in enumerate(SECRETS.items())
                ],
            }
        },
        "FilterLogEvents": {
            "events": [{"logStreamName": "s", "timestamp": epoch(2), "message": f"ERROR Error: {line}"}
                       for line in LINES]
        },
    }  # fmt: skip
    return answer(**told.get(operation, {}))


async def anything(request: web.Request) -> web.Response:
    """Every vendor's site at once, with a secret in each text."""
    path, now = request.path, datetime.now(UTC).isoformat()
    if path.endswith("summary.json"):
        bad = {
            "name": LINES[0],
            "status": "investigating",
            "created_at": now,
            "incident_updates": [{"body": LINES[12]}],
        }
        names = [{"name": line, "status": "major_outage"} for line in LINES]
        told: Any = {"page": {"name": LINES[1]}, "status": {"indicator": "major", "description": LINES[2]},
                     "components": names, "incidents": [bad]}  # fmt: skip
    elif path.endswith("/downtimes"):
        told = {"items": [{"method": LINES[11], "status": "started", "severity": LINES[12]}]}
    elif path.endswith("/payments"):
        told = {"items": [{"id": "p", "method": "upi", "status": "failed", "error_reason": line, "email": line,
                           "contact": line, "vpa": line, "notes": {"x": line}, "created_at": epoch(15) // 1000}
                          for line in LINES]}  # fmt: skip
    elif "/issues" in path:
        told = [{"id": str(n), "title": line, "culprit": line, "permalink": "https://sentry.io/x", "count": "900",
                 "userCount": 3, "firstSeen": now, "lastSeen": now, "level": "error", "status": "unresolved",
                 "stats": {"24h": [[1, 2]]}, "metadata": {"value": line}, "project": {"slug": "api"}}
                for n, line in enumerate(LINES)]  # fmt: skip
    elif path.endswith("/commits"):
        told = [{"sha": f"{n:040x}", "html_url": "https://github.com/x",
                 "commit": {"message": line, "author": {"name": line, "email": line, "date": now},
                            "committer": {"name": line, "date": now}}, "author": {"login": "ana"}}
                for n, line in enumerate(LINES)]  # fmt: skip
    elif path.endswith("/report"):
        told = [{"message": line, "password": secret} for secret, line in SECRETS.items()]
    elif path.endswith("/health"):
        return web.json_response({"status": LINES[11]}, status=503)
    else:
        told = []
    return web.json_response(told)


@pytest.fixture
async def site() -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", anything)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.fixture
def leak(postgres: PrivatePostgres) -> Iterator[str]:
    """A table and a session that hold secrets, in a database of their own server."""
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("drop table if exists leak")
        connection.execute("create table leak (message text, password text, phone bigint, id numeric)")
        for secret, line in SECRETS.items():
            connection.execute(
                "insert into leak values (%s, %s, 919876543210, 4111111111111111)", (line, secret)
            )
        with psycopg.connect(
            postgres.conninfo(), application_name="password=hunter2", autocommit=True
        ) as idle:
            idle.execute("begin")
            idle.execute(f"select 'hunter2', 'asha.rao@example.com', '{'literal-of-ours ' * 100}'".encode())
            yield postgres.conninfo()
        connection.execute("drop table leak")


async def test_none_of_forty_secrets_gets_anywhere(
    world: World,
    site: str,
    leak: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    runbook = tmp_path / "runbook.md"
    runbook.write_text(RUNBOOK)
    aws, cache = AnsweringAws(), RedisServer(tmp_path / "redis")
    aws.replies = from_aws
    await cache.start()
    if shutil.which("redis-server"):
        async with cache._client() as client:
            await client.set("leak", "\n".join(LINES))
            await client.config_set("slowlog-log-slower-than", 0)
            for number, line in enumerate(LINES):
                await client.set(f"k:{number}", f"{line} value-of-ours")
            await client.config_set("slowlog-log-slower-than", 10_000)
    try:
        async with aws.served():
            told = {"AWS_ENDPOINT_URL": aws.address, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7OURSELF",
                    "AWS_SECRET_ACCESS_KEY": "our-own-secret", "AWS_REGION": "eu-central-1", "PGHOST": "named",
                    "AWS_EC2_METADATA_DISABLED": "true", **cache.environment}  # fmt: skip
            for name, value in told.items():
                monkeypatch.setenv(name, value)
            async with world.bot(
                runbook=runbook,
                monitored_database_url=SecretStr(leak),
                addresses={f"https://{host}": site for host in OUTSIDE},
                health_url="https://api.leaky.example/health",
                razorpay_key_id="rzp_live_OurOwnKey01",
                razorpay_key_secret=SecretStr("our-razorpay-secret"),
                sentry_auth_token=SecretStr("sntrys_our_own_token_0001"),
                github_token=SecretStr("ghp_ourownourownourownourown"),
                github_repository="leaky/leaky",
            ) as running:
                channel = await world.declared("declare p0 everything leaks")
                message, action = world.button(channel, "run_step:")
                await world.slack.people.click("ana", message, action)
                await world.quiet(within=30)
                found = world.looking.rows(
                    "select title, verdict, cause, headline from result where note = '' order by place"
                )
                async with aiohttp.ClientSession() as session:
                    metrics = await (
                        await session.get("http://{}:{}/metrics".format(*running.address))
                    ).text()
    finally:
        await cache.stop()
    rows = {each["title"]: (each["verdict"], each["cause"]) for each in found}
    here = set(rows) if shutil.which("redis-server") else set(rows) - {"Key", "Slow commands"}
    unread = {title: rows[title] for title in here if rows[title][1] not in (None, "no_rule")}
    assert len(rows) == 17 and not unread, unread
    tables = world.looking.rows(
        "select table_name from information_schema.tables where table_schema = 'tocsin'"
    )
    kept = [repr(world.looking.rows(f"select * from {table['table_name']}")) for table in tables]
    sent = [repr((call.method, call.args)) for call in world.slack.calls]
    numbers = ("919876543210", "4111111111111111", "literal-of-ours", "value-of-ours")
    ours = (
        *numbers,
        "our-own-secret",
        "our-razorpay-secret",
        "rzp_live_Our",
        "sntrys_our",
        "ghp_ourown",
        "OURSELF",
    )
    places = {"Slack": sent, "the log": [caplog.text], "the database": kept, "/metrics": [metrics]}
    leaked = {
        (where, secret)
        for where, texts in places.items()
        for secret in (*SECRETS, *ours)
        if any(secret in text or json.dumps(secret)[1:-1] in text for text in texts)
    }
    assert leaked == set()
    assert any("[secret]" in text for text in sent)
