"""Small runbooks of the genre, each spelling things in another way."""

TABLES = """\
---
title: Billing on-call
owner: payments
---
# Billing Service On-Call Runbook

<!-- reviewed every quarter -->

## 1. Severity Definitions

| Severity | Description | Response Time | Who to notify |
|----------|-------------|---------------|---------------|
| SEV-1 | Nobody can pay | Immediate, within 5 min | Page primary on-call and VP of Engineering |
| SEV-2 | Some cards fail | 30 min | Primary on-call |
| SEV-3 | Cosmetic | Next business day | Billing team channel |

## 2. Common Incidents

### 2.1 Cards declined (SEV-2)

**Symptoms:**
- Decline rate above 5%
- Webhooks late

**Diagnosis:**

1. Check the queue:

   ```sh
   kubectl -n billing get pods
   kubectl -n billing logs deploy/charger --tail=50
   ```

2. Ask the provider
   - status page
   - support chat

**Mitigation:**
Pause retries, then drain.

### 2.2 Ledger out of balance (SEV-1)

**Symptoms:** totals differ, nightly job red

```sql
-- Which accounts differ
SELECT account FROM ledger WHERE balance <> 0;

-- Who wrote last
SELECT max(written_at) FROM ledger;
```

## 3. Contacts

| Role | Name | Phone | Slack |
|------|------|-------|-------|
| Primary on-call | Asha | +91 98765 43210 | <@U01ABCDEF> |
| VP of Engineering | Lee | +1 (415) 555-0100 | lee@example.com |

## 4. Post-Incident

1. Write the review
   - timeline
   - causes
2. File action items
"""

SCENARIOS = """\
# Platform Runbook

## Priority Levels

### P1: Critical
* Response: 15 minutes
* Examples:
  * Site down
  * Data loss
* Notify: everyone

### P2: High
* Response: 4h
* Notify: SRE lead

### P4: Low
* Response: best effort
* Notify: nobody

## Incident Response Process

### Triage
Look, then decide.

### Mitigation
Stop the bleeding.

## Scenario 3: Disk full

> Usually logs.

### Signs
- `No space left on device`

### Fix

```console
$ df -h /
Filesystem  Size  Used Avail
/dev/root    40G   40G     0
$ journalctl --vacuum-size=1G
```

## Scenario 4: Certificate expired

### Symptoms
- Browsers warn

### Fix
```
# Check the dates
openssl s_client -connect example.com:443 </dev/null \\
  | openssl x509 -noout -dates
```

```json
{"not": "a command"}
```

## Communication

**Initial message:**

> 🔥 {{severity}} incident: {{title}}
> Lead: <name>
> Join #war-room-platform

**Resolved message:**

```text
Resolved after [duration]. Cause: [root cause]. Tracking: [ticket link]
```

## After the incident

**Within 24 hours**
- [ ] Write it down
  - [ ] Times
- [x] Thank people

### Within 2 days
1. Review
"""

INHERITED = """\
Incident handbook
=================

Severity levels
---------------

- **SEV1 (Critical)**: full outage, respond within 15 minutes
- **SEV2 (Major)**: partial outage
  - Response time: 1 hour
  - Page: database on-call

SEV1 Incidents
--------------

### Queue stuck

#### Symptoms
Consumers idle.

#### Steps
1. Restart the consumer
2. Check the lag

### Cache gone

#### Symptoms
- Misses at 100%

SEV2 Incidents
--------------

### Reports late

#### Symptoms
- Finance complains

Escalation contacts
-------------------

* Database on-call - S012ABCDE
* Vendor: 1-800-XXX-XXXX

Updates go out every 30 minutes while it burns. War room: #inc-handbook.

See also
--------

* [Network](../network/runbook.md#dns)
* <https://status.example.com>
"""

WORDS = """\
# Response guide

## Classification

**Critical** (all users)
- Response Time: Immediate
- Action: Page on-call

**Low**
- Response Time: whenever we feel like it
- Action: Open a ticket

## Incident: Login broken

Severity: Critical

Symptoms:
* 401 for everyone

Do this:

```bash
curl -sS https://id.example.com/health

if true; then
  echo yes
fi
```
"""

ONE_PLAYBOOK = """\
# Redis out of memory

**Severity:** P1

## Symptoms

- OOM command not allowed

## Diagnosis

```redis
INFO memory
```

## Contacts

- **Cache team**: cache@example.com
"""
