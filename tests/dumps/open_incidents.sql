
SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

CREATE SCHEMA tocsin;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE tocsin.incident (
    number bigint NOT NULL,
    title text NOT NULL,
    severity text NOT NULL,
    status text DEFAULT 'investigating'::text NOT NULL,
    commander text NOT NULL,
    declared_by text NOT NULL,
    declared_at timestamp with time zone DEFAULT now() NOT NULL,
    edition text NOT NULL,
    playbook text,
    impact text DEFAULT ''::text NOT NULL,
    affected_users text DEFAULT ''::text NOT NULL,
    fields jsonb DEFAULT '{}'::jsonb NOT NULL,
    cadence interval,
    next_update_at timestamp with time zone,
    notice_at timestamp with time zone,
    notice_stage integer DEFAULT 0 NOT NULL,
    snoozed boolean DEFAULT false NOT NULL,
    channel text,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    resolved_at timestamp with time zone,
    resolved_by text,
    root_cause text DEFAULT ''::text NOT NULL,
    resolution text DEFAULT ''::text NOT NULL,
    postmortem_at timestamp with time zone,
    closed_at timestamp with time zone,
    closed_by text,
    close_reason text DEFAULT ''::text NOT NULL,
    resolutions integer DEFAULT 0 NOT NULL,
    offered_to text,
    private boolean DEFAULT false NOT NULL,
    lost_channel text,
    ladder text DEFAULT ''::text NOT NULL,
    rung integer DEFAULT 0 NOT NULL,
    look_at timestamp with time zone,
    drill boolean DEFAULT false NOT NULL,
    CONSTRAINT incident_ladder_check CHECK ((ladder = ANY (ARRAY[''::text, 'climbing'::text, 'answered'::text, 'asked'::text, 'waiting'::text]))),
    CONSTRAINT incident_status_check CHECK ((status = ANY (ARRAY['investigating'::text, 'identified'::text, 'monitoring'::text, 'resolved'::text, 'closed'::text, 'cancelled'::text])))
);

CREATE FUNCTION tocsin.may_see(i tocsin.incident, viewer text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    select not i.private or i.commander = viewer
        or exists (select 1 from incident_member m where m.incident = i.number and m.person = viewer)
$$;

CREATE FUNCTION tocsin.refuse_change_of_result() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'what was seen cannot be changed';
end $$;

CREATE FUNCTION tocsin.refuse_rewriting() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception 'timeline entries cannot be changed or removed';
end
$$;

CREATE TABLE tocsin.calendar_copy (
    source text NOT NULL,
    text text NOT NULL,
    read_at timestamp with time zone NOT NULL
);

CREATE TABLE tocsin.channel_seen (
    channel text NOT NULL,
    name text NOT NULL,
    creator text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE tocsin.checklist_item (
    incident bigint NOT NULL,
    "position" integer NOT NULL,
    within interval NOT NULL,
    text text NOT NULL,
    line integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    done_by text,
    done_at timestamp with time zone
);

CREATE TABLE tocsin.checklist_window (
    incident bigint NOT NULL,
    within interval NOT NULL,
    due_at timestamp with time zone NOT NULL
);

CREATE TABLE tocsin.edition (
    sha text NOT NULL,
    source text NOT NULL,
    text text NOT NULL,
    loaded_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE tocsin.inbound (
    key text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    answer jsonb
);

CREATE TABLE tocsin.incident_member (
    incident bigint NOT NULL,
    person text NOT NULL
);

ALTER TABLE tocsin.incident ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tocsin.incident_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tocsin.installation (
    only_one boolean DEFAULT true NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT installation_only_one_check CHECK (only_one)
);

CREATE TABLE tocsin.look (
    id bigint NOT NULL,
    incident bigint NOT NULL,
    number integer NOT NULL,
    request text NOT NULL,
    scope text NOT NULL,
    what text NOT NULL,
    line integer,
    file text DEFAULT ''::text NOT NULL,
    asked_by text DEFAULT ''::text NOT NULL,
    begun_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    lease_owner bigint,
    lease_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    inputs jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT look_scope_check CHECK ((scope = ANY (ARRAY['playbook'::text, 'step'::text, 'all'::text])))
);

ALTER TABLE tocsin.look ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tocsin.look_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tocsin.migration (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE tocsin.outbox (
    id bigint NOT NULL,
    key text NOT NULL,
    lane text NOT NULL,
    after text,
    urgency integer NOT NULL,
    coalesces boolean NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    incident bigint,
    state text DEFAULT 'pending'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    first_sent_at timestamp with time zone,
    uncertain_since timestamp with time zone,
    lease_owner bigint,
    lease_until timestamp with time zone,
    settled_at timestamp with time zone,
    channel text,
    ts text,
    error text,
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'sending'::text, 'sent'::text, 'dead'::text])))
);

ALTER TABLE tocsin.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tocsin.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tocsin.page (
    incident bigint NOT NULL,
    person text NOT NULL,
    contact text NOT NULL,
    requested_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    failed text DEFAULT ''::text NOT NULL,
    acknowledged_at timestamp with time zone
);

CREATE TABLE tocsin.person (
    id text NOT NULL,
    name text NOT NULL,
    guest boolean NOT NULL,
    bot boolean NOT NULL,
    stranger boolean NOT NULL,
    checked_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE tocsin.place (
    name text NOT NULL,
    channel text NOT NULL
);

CREATE SEQUENCE tocsin.replica
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE tocsin.result (
    look bigint NOT NULL,
    place integer NOT NULL,
    playbook text NOT NULL,
    line integer NOT NULL,
    file text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    runs text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    verdict text,
    cause text,
    headline text DEFAULT ''::text NOT NULL,
    measure text DEFAULT ''::text NOT NULL,
    digest text DEFAULT ''::text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    chart bytea,
    collected_at timestamp with time zone,
    seen_at timestamp with time zone,
    CONSTRAINT result_verdict_check CHECK ((verdict = ANY (ARRAY['ok'::text, 'warn'::text, 'bad'::text, 'unknown'::text])))
);

CREATE TABLE tocsin.role (
    incident bigint NOT NULL,
    role text NOT NULL,
    person text NOT NULL,
    CONSTRAINT role_role_check CHECK ((role = ANY (ARRAY['deputy'::text, 'scribe'::text, 'communications'::text, 'operations'::text])))
);

CREATE TABLE tocsin.status_update (
    id bigint NOT NULL,
    incident bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    author text NOT NULL,
    status text NOT NULL,
    text text NOT NULL,
    next_update_at timestamp with time zone
);

ALTER TABLE tocsin.status_update ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tocsin.status_update_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tocsin.timeline_entry (
    id bigint NOT NULL,
    incident bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    kind text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE tocsin.timeline_entry ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tocsin.timeline_entry_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE tocsin.way (
    id bigint NOT NULL,
    incident bigint NOT NULL,
    contact text NOT NULL,
    place integer NOT NULL,
    handle text NOT NULL,
    requested_at timestamp with time zone,
    accepted_at timestamp with time zone,
    delivered_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    ended_at timestamp with time zone,
    failed text DEFAULT ''::text NOT NULL,
    due_at timestamp with time zone,
    past boolean DEFAULT false NOT NULL,
    quieted_at timestamp with time zone,
    by_hand boolean DEFAULT false NOT NULL,
    refused boolean DEFAULT false NOT NULL
);

ALTER TABLE tocsin.way ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME tocsin.way_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

INSERT INTO tocsin.channel_seen VALUES ('C0SAND00003', 'incident-response', 'U0TOCSIN01', '2026-11-29 11:40:19+00');

INSERT INTO tocsin.edition VALUES ('421ef6d7f00e74b35f99f26ed47366dd354374a3941c0523314c33dce7266073', 'templates/runbook.md', '# 🚨 Incident Response Runbook

Quick reference guide for handling production incidents.

---

## Incident Severity Levels

### P0 - CRITICAL (Complete Outage)
- **Response Time**: Immediate (< 5 minutes)
- **Examples**: API down, database unreachable, total system failure
- **Action**: All hands on deck, page CTO

### P1 - HIGH (Major Feature Down)
- **Response Time**: < 15 minutes
- **Examples**: Payment failing, login broken, mobile app crashes
- **Action**: Senior engineers + DevOps

### P2 - MEDIUM (Degraded Performance)
- **Response Time**: < 1 hour
- **Examples**: Slow responses, partial feature issues
- **Action**: On-call engineer

### P3 - LOW (Minor Issue)
- **Response Time**: Next business day
- **Examples**: UI glitches, non-critical bugs
- **Action**: Regular development process

---

## P0 INCIDENT: API COMPLETELY DOWN

### Symptoms
- Health check returning 503/504
- All API requests failing
- Zero traffic in monitoring

### Immediate Actions (First 5 Minutes)

```bash
# 1. Check ECS service status
aws ecs describe-services \
  --cluster rodistaa-production \
  --services rodistaa-backend-prod \
  --query ''services[0].[serviceName,runningCount,desiredCount,status]''

# 2. Check recent deployments
aws ecs describe-services \
  --cluster rodistaa-production \
  --services rodistaa-backend-prod \
  --query ''services[0].deployments''

# 3. Check CloudWatch logs for errors
aws logs tail /aws/rodistaa/production/backend --since 10m --filter-pattern "ERROR"

# 4. If recent deployment - ROLLBACK IMMEDIATELY
./scripts/rollback-production.sh
```

### Root Cause Investigation

**Database Issue?**
```sql
-- Check connections
SELECT count(*), state FROM pg_stat_activity GROUP BY state;

-- Check for locks
SELECT * FROM pg_stat_activity WHERE wait_event IS NOT NULL;
```

**Memory/CPU Issue?**
```bash
# Check ECS task metrics
aws cloudwatch get-metric-statistics \
  --namespace AWS/ECS \
  --metric-name MemoryUtilization \
  --dimensions Name=ServiceName,Value=rodistaa-backend-prod \
  --start-time $(date -u -d ''30 minutes ago'' +%Y-%m-%dT%H:%M:%S) \
  --end-time $(date -u +%Y-%m-%dT%H:%M:%S) \
  --period 300 \
  --statistics Average
```

### Resolution Steps
1. Rollback deployment if recent
2. Scale up tasks if resource issue
3. Restart database connections if DB issue
4. Update status page
5. Post-mortem within 24 hours

---

## P0 INCIDENT: DATABASE UNAVAILABLE

### Symptoms
- "Connection refused" errors
- "Too many connections" errors
- API timeouts

### Immediate Actions

```bash
# 1. Check RDS cluster status
aws rds describe-db-clusters \
  --db-cluster-identifier rodistaa-prod \
  --query ''DBClusters[0].[Status,Endpoint]''

# 2. Check database CPU/Memory
aws cloudwatch get-metric-statistics \
  --namespace AWS/RDS \
  --metric-name CPUUtilization \
  --dimensions Name=DBClusterIdentifier,Value=rodistaa-prod \
  --start-time $(date -u -d ''30 minutes ago'' +%Y-%m-%dT%H:%M:%S) \
  --end-time $(date -u +%Y-%m-%dT%H:%M:%S) \
  --period 300 \
  --statistics Average

# 3. Check active connections
psql -h $PGHOST -U $PGUSER -d $PGDATABASE -c \
  "SELECT count(*), state FROM pg_stat_activity GROUP BY state;"

# 4. If too many connections - kill idle ones
psql -h $PGHOST -U $PGUSER -d $PGDATABASE -c \
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity 
   WHERE state = ''idle'' AND state_change < NOW() - INTERVAL ''5 minutes'';"
```

### Escalation
- If database is down: Contact AWS Support (Premium)
- Check for failover events
- Consider manual failover to standby

---

## P1 INCIDENT: PAYMENT GATEWAY FAILING

### Symptoms
- Payment success rate < 50%
- Razorpay webhook errors
- Users reporting payment issues

### Immediate Actions

```bash
# 1. Check Razorpay status
curl https://status.razorpay.com/api/v2/status.json

# 2. Check recent payment logs
aws logs tail /aws/rodistaa/production/backend --since 30m --filter-pattern "razorpay"

# 3. Verify webhook endpoint
curl -X POST https://api.rodistaa.com/v1/webhooks/razorpay/health

# 4. Check Razorpay dashboard
# Login to https://dashboard.razorpay.com and check transactions
```

### Common Fixes
1. **Webhook signature mismatch**: Verify `RAZORPAY_WEBHOOK_SECRET`
2. **Rate limiting**: Contact Razorpay support
3. **Network issue**: Check security groups
4. **API key expired**: Rotate keys in dashboard

---

## P1 INCIDENT: HIGH ERROR RATE (> 5%)

### Symptoms
- Error rate spiking in Grafana
- Multiple 5xx errors in logs
- User complaints

### Investigation

```bash
# 1. Identify error patterns
aws logs tail /aws/rodistaa/production/backend --since 30m --filter-pattern "ERROR" \
  | grep -oP ''Error: \K[^"]+'' | sort | uniq -c | sort -rn | head -10

# 2. Check Sentry for stack traces
# Visit: https://sentry.io/organizations/rodistaa/issues/

# 3. Check recent code changes
git log --since="2 hours ago" --oneline

# 4. Check external service status
curl https://status.aws.amazon.com/
```

### Resolution
1. If code-related: Rollback
2. If external service: Enable fallback/circuit breaker
3. If rate limiting: Scale up or optimize
4. Document in post-mortem

---

## P1 INCIDENT: MOBILE APP CRASHES

### Symptoms
- Crash rate > 2% in Firebase
- User reports of app crashes
- Sentry showing mobile errors

### Investigation

```bash
# 1. Check Firebase Crashlytics
# Visit: https://console.firebase.google.com/project/rodistaa-prod/crashlytics

# 2. Check Sentry for mobile errors
# Visit: https://sentry.io/organizations/rodistaa/projects/rodistaa-mobile-prod/

# 3. Identify crash pattern
# - Which app version?
# - Which devices/OS versions?
# - Which screens/features?

# 4. Check recent app releases
cd packages/mobile/shipper
git log --since="1 week ago" --oneline
```

### Resolution
1. Hotfix if critical crash (>10% users affected)
2. Submit emergency update to app stores
3. Rollback server API if API change caused crash
4. Communicate via in-app banner if needed

---

## P2 INCIDENT: SLOW API RESPONSES

### Symptoms
- p95 latency > 1000ms
- User complaints about slowness
- Grafana showing high response times

### Investigation

```bash
# 1. Identify slow endpoints
aws logs insights query \
  --log-group-name /aws/rodistaa/production/backend \
  --start-time $(date -u -d ''1 hour ago'' +%s) \
  --end-time $(date -u +%s) \
  --query-string ''fields @timestamp, endpoint, duration | filter duration > 1000 | sort duration desc | limit 20''

# 2. Check database slow queries
psql -h $PGHOST -U $PGUSER -d $PGDATABASE <<EOF
SELECT query, mean_exec_time, calls
FROM pg_stat_statements
WHERE mean_exec_time > 100
ORDER BY mean_exec_time DESC
LIMIT 10;
EOF

# 3. Check Redis performance
redis-cli --tls -h $REDIS_HOST -a $REDIS_PASSWORD INFO stats

# 4. Check resource utilization
# CPU, Memory, Network in CloudWatch
```

### Common Fixes
1. **Missing index**: Add database index
2. **N+1 queries**: Optimize ORM queries
3. **Large payloads**: Add pagination
4. **Cold cache**: Warm up cache
5. **Insufficient resources**: Scale horizontally

---

## COMMUNICATION TEMPLATES

### Initial Incident Notification (Slack)
```
🚨 INCIDENT ALERT - P0

Status: INVESTIGATING
Impact: [API Down / Payment Failing / etc]
Started: [Time]
Affected Users: [Estimate]

Current Actions:
- [Action 1]
- [Action 2]

Next Update: In 15 minutes

War Room: #incident-response
Incident Commander: @engineer-name
```

### Status Page Update
```
🔴 We are currently experiencing issues with [Feature]

Impact: [Description of user impact]
Status: Investigating
Started: [Time]

We are actively working on a resolution and will provide updates every 15 minutes.

For urgent issues, contact support@rodistaa.com
```

### Resolution Notification
```
✅ INCIDENT RESOLVED

Issue: [Brief description]
Duration: [Start time - End time]
Root Cause: [Brief explanation]

Resolution:
- [What was done]

Follow-up Actions:
- Post-mortem scheduled for [Date]
- Preventive measures being implemented

Thank you for your patience.
```

---

## POST-INCIDENT CHECKLIST

Within 1 hour:
- [ ] Verify full system recovery
- [ ] Update status page to "Resolved"
- [ ] Send resolution notification
- [ ] Document timeline in incident log

Within 24 hours:
- [ ] Conduct post-mortem meeting
- [ ] Document root cause
- [ ] Create action items
- [ ] Update runbooks if needed

Within 1 week:
- [ ] Implement preventive measures
- [ ] Update monitoring/alerts
- [ ] Share learnings with team
- [ ] Review incident response process

---

## CONTACTS & RESOURCES

### Emergency Contacts
- **CTO**: [Phone]
- **DevOps Lead**: [Phone]
- **On-Call Engineer**: [Rotation schedule]
- **AWS Support**: 1-800-XXX-XXXX (Premium)

### Key URLs
- **Grafana**: https://grafana.rodistaa.com
- **Sentry**: https://sentry.io/organizations/rodistaa
- **AWS Console**: https://console.aws.amazon.com
- **Razorpay Dashboard**: https://dashboard.razorpay.com
- **Firebase Console**: https://console.firebase.google.com

### Runbooks
- [Database Issues](./DATABASE_INCIDENTS.md)
- [Network Issues](./NETWORK_INCIDENTS.md)
- [Security Incidents](./SECURITY_INCIDENTS.md)

---

**Remember**: Stay calm, communicate clearly, and follow the process. You''ve got this! 💪

', '2026-11-29 11:40:19.118219+00');

INSERT INTO tocsin.inbound VALUES ('command:1795952419.00004.00007bbc', '2026-11-29 11:40:19.597527+00', '{"did": "declared", "facts": {"cut": "", "drill": "", "title": "API is completely down", "called": "CTO, DevOps Lead, On-Call Engineer", "missing": "AWS Support", "private": "", "similar": "", "everyone": "all hands", "severity": "P0"}, "incident": 1}');
INSERT INTO tocsin.inbound VALUES ('command:1795952419.00006.0000b99a', '2026-11-29 11:40:19.763126+00', '{"did": "declared", "facts": {"cut": "", "drill": "", "title": "Search is slow", "called": "On-Call Engineer", "missing": "", "private": "", "similar": "", "everyone": "", "severity": "P2"}, "incident": 2}');
INSERT INTO tocsin.inbound VALUES ('command:1795952419.00007.0000d889', '2026-11-29 11:40:19.820069+00', '{"did": "updated", "facts": {"next": "1795953319", "status": "investigating"}, "incident": 1}');

INSERT INTO tocsin.incident OVERRIDING SYSTEM VALUE VALUES (2, 'Search is slow', 'P2', 'investigating', 'U0CHIDI001', 'U0CHIDI001', '2026-11-29 11:40:19.763126+00', '421ef6d7f00e74b35f99f26ed47366dd354374a3941c0523314c33dce7266073', 'slow-api-responses', '', '', '{}', '00:15:00', '2026-11-29 11:55:19.763126+00', '2026-11-29 11:55:19.763126+00', 0, false, NULL, NULL, NULL, NULL, NULL, '', '', NULL, NULL, NULL, '', 0, NULL, false, NULL, 'climbing', 0, '2026-11-29 12:40:19.763126+00', false);
INSERT INTO tocsin.incident OVERRIDING SYSTEM VALUE VALUES (1, 'API is completely down', 'P0', 'investigating', 'U0ANA00001', 'U0ANA00001', '2026-11-29 11:40:19.597527+00', '421ef6d7f00e74b35f99f26ed47366dd354374a3941c0523314c33dce7266073', 'api-completely-down', '', '', '{}', '00:15:00', '2026-11-29 11:55:19.820069+00', '2026-11-29 11:55:19.820069+00', 0, false, NULL, NULL, NULL, NULL, NULL, '', '', NULL, NULL, NULL, '', 0, NULL, false, NULL, 'climbing', 0, '2026-11-29 11:45:19.597527+00', false);

INSERT INTO tocsin.installation VALUES (true, '5deaef6b-58a6-47ac-82b3-ec1a8477a6c5', '2026-11-29 11:40:18.901156+00');

INSERT INTO tocsin.look OVERRIDING SYSTEM VALUE VALUES (2, 2, 1, 'declared:2', 'playbook', 'slow-api-responses', NULL, '', '', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:22.06011+00', NULL, NULL, 1, '{}');
INSERT INTO tocsin.look OVERRIDING SYSTEM VALUE VALUES (1, 1, 1, 'declared:1', 'playbook', 'api-completely-down', NULL, '', '', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:22.062378+00', NULL, NULL, 1, '{}');

INSERT INTO tocsin.migration VALUES (1, '001_incidents.sql', '95e949bbcf299f978bdfb731016ec2d3d141cfa315068bf4c42f5abdbdeab128', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (2, '002_delivery.sql', '3878ff419985e07a26071c7760907a8035c7f8753cf28ac19202f0d2c1c26f83', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (3, '003_notes.sql', '6e1564097ad4520885ecb0b8481b19ed5a6aca9b8f7b2f0214f810ac0f9c0207', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (4, '004_private.sql', '3c5b894fa1ef2fdb89f2222237fdb2ea0984697a12e9b3ac16e0803cb17d220a', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (5, '005_rooms.sql', 'd414a602ab9acee8a1214020854fda31d8e029ba40e2810d6b0fd5ed1d155682', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (6, '006_ladder.sql', 'f73b9d45e660722722204246d2d0cc23fc44c24f92f6d07b50880e54e518d8a6', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (7, '007_over.sql', 'de7f4777902d121298bbb18a96ff090ad0f1c2f5d3f958c60926a2e7c0f09568', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (8, '008_past_ways.sql', '30d95c9a5a9a01318f2a9e8a6426398f8cf0b3174a4e6530dabbbf7b669c7217', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (9, '009_answers.sql', '2310e2c80bb29ffbbc1a4cfd3ee32d72ed315814dd2f93fe8901ff048b74da3d', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (10, '010_drills.sql', 'e2ce2b5f12599c929f6071cc1ae4581c6cb89b4c101ffb0244cba84d2215de62', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (11, '011_looks.sql', '7f21868ecb99313e088c7703f5bb192475315257f15808c2b4b1afbe1eaec8cc', '2026-11-29 11:40:18.901156+00');
INSERT INTO tocsin.migration VALUES (12, '012_filled.sql', '92baa7a15872a597f51f2aa1ae598a7fbeff5a4737b0323628c7ba6a194fb1b6', '2026-11-29 11:40:18.901156+00');

INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (1, 'incidents-channel:incident-response', 'incidents-channel:incident-response', NULL, 1, false, 'EnsureIncidentsChannel', '{"name": "incident-response"}', NULL, 'sent', '2026-11-29 11:40:19.13058+00', '2026-11-29 11:40:19.13058+00', 1, '2026-11-29 11:40:19.256658+00', NULL, NULL, NULL, '2026-11-29 11:40:19.533055+00', NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (7, 'alert:1', 'room:1', 'channel:1', 1, false, 'PostAlert', '{"room": "", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (9, 'pin:1', 'pin:1', 'alert:1', 3, false, 'PinAlert', '{"room": "", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (10, 'invite:1:declared', 'invite:1:declared', 'channel:1', 2, false, 'InvitePeople', '{"change": "declared", "people": ["U0ANA00001", "U0BRUNO001", "U0DEVIKA01", "U0CHIDI001"], "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (11, 'mention:1:declared', 'mention:1:declared', 'invite:1:declared', 2, false, 'MentionPeople', '{"change": "declared", "people": ["U0ANA00001", "U0BRUNO001", "U0DEVIKA01", "U0CHIDI001"], "missing": [["AWS Support", "no Slack handle"]], "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (12, 'playbook:1:0', 'room:1', 'channel:1', 5, false, 'PostPlaybook', '{"part": 0, "room": "", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (13, 'bookmark:1', 'bookmark:1', 'channel:1', 5, false, 'AddBookmark', '{"room": "", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (14, 'topic:1:declared', 'topic:1', 'channel:1', 5, true, 'SetTopic', '{"change": "declared", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (17, 'alert:2', 'room:2', 'channel:2', 1, false, 'PostAlert', '{"room": "", "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (19, 'pin:2', 'pin:2', 'alert:2', 3, false, 'PinAlert', '{"room": "", "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (20, 'invite:2:declared', 'invite:2:declared', 'channel:2', 2, false, 'InvitePeople', '{"change": "declared", "people": ["U0CHIDI001"], "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (21, 'mention:2:declared', 'mention:2:declared', 'invite:2:declared', 2, false, 'MentionPeople', '{"change": "declared", "people": ["U0CHIDI001"], "missing": [], "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (22, 'playbook:2:0', 'room:2', 'channel:2', 5, false, 'PostPlaybook', '{"part": 0, "room": "", "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (23, 'bookmark:2', 'bookmark:2', 'channel:2', 5, false, 'AddBookmark', '{"room": "", "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (24, 'topic:2:declared', 'topic:2', 'channel:2', 5, true, 'SetTopic', '{"change": "declared", "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:19.763126+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (25, 'update:1:1', 'room:1', 'channel:1', 5, false, 'PostUpdate', '{"update": 1, "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.820069+00', '2026-11-29 11:40:19.820069+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (26, 'published-update:1:1', 'announce:1', 'incidents-channel:incident-response', 5, false, 'PublishUpdate', '{"update": 1, "incident": 1, "channel_name": "incident-response"}', 1, 'pending', '2026-11-29 11:40:19.820069+00', '2026-11-29 11:40:19.820069+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (27, 'refresh-alert:1:d4dd3e74c7d0', 'refresh-alert:1', 'alert:1', 5, true, 'RefreshAlert', '{"change": "d4dd3e74c7d0", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.820069+00', '2026-11-29 11:40:19.820069+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (28, 'refresh-announcement:1:d4dd3e74c7d0', 'refresh-announcement:1', 'announcement:1', 5, true, 'RefreshAnnouncement', '{"change": "d4dd3e74c7d0", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.820069+00', '2026-11-29 11:40:19.820069+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (2, 'way:1:1', 'way:1:1', NULL, 0, false, 'PageContact', '{"way": 1, "incident": 1}', 1, 'sent', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.597527+00', 1, '2026-11-29 11:40:19.818938+00', NULL, NULL, NULL, '2026-11-29 11:40:19.873646+00', NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (29, 'evidence:2:2', 'evidence:2:2', 'alert:2', 2, false, 'PostEvidence', '{"look": 2, "incident": 2}', 2, 'pending', '2026-11-29 11:40:22.044308+00', '2026-11-29 11:40:22.044308+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (30, 'evidence:1:1', 'evidence:1:1', 'alert:1', 2, false, 'PostEvidence', '{"look": 1, "incident": 1}', 1, 'pending', '2026-11-29 11:40:22.044064+00', '2026-11-29 11:40:22.044064+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (31, 'finding:2:0', 'findings:2', 'evidence:2:2', 7, false, 'PostFinding', '{"file": "", "look": 2, "place": 0, "incident": 2}', 2, 'pending', '2026-11-29 11:40:22.06011+00', '2026-11-29 11:40:22.06011+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (32, 'finding:1:0', 'findings:1', 'evidence:1:1', 7, false, 'PostFinding', '{"file": "", "look": 1, "place": 0, "incident": 1}', 1, 'pending', '2026-11-29 11:40:22.062378+00', '2026-11-29 11:40:22.062378+00', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (4, 'page:1:U0BRUNO001', 'page:1:U0BRUNO001', NULL, 0, false, 'PageResponder', '{"person": "U0BRUNO001", "contact": "CTO", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:26.852367+00', 2, '2026-11-29 11:40:19.70987+00', '2026-11-29 11:40:23.352367+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.open');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (5, 'page:1:U0DEVIKA01', 'page:1:U0DEVIKA01', NULL, 0, false, 'PageResponder', '{"person": "U0DEVIKA01", "contact": "DevOps Lead", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:26.852876+00', 2, '2026-11-29 11:40:19.70987+00', '2026-11-29 11:40:23.352876+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.open');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (6, 'page:1:U0CHIDI001', 'page:1:U0CHIDI001', NULL, 0, false, 'PageResponder', '{"person": "U0CHIDI001", "contact": "On-Call Engineer", "incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:26.866404+00', 2, '2026-11-29 11:40:19.70987+00', '2026-11-29 11:40:23.366404+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.open');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (3, 'channel:1', 'channel:1', NULL, 0, false, 'OpenChannel', '{"incident": 1}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:26.867302+00', 2, '2026-11-29 11:40:19.70987+00', '2026-11-29 11:40:23.367302+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.create');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (16, 'page:2:U0CHIDI001', 'page:2:U0CHIDI001', NULL, 0, false, 'PageResponder', '{"person": "U0CHIDI001", "contact": "On-Call Engineer", "incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:26.888412+00', 2, '2026-11-29 11:40:19.798285+00', '2026-11-29 11:40:23.388412+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.open');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (15, 'channel:2', 'channel:2', NULL, 0, false, 'OpenChannel', '{"incident": 2}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:26.893728+00', 2, '2026-11-29 11:40:19.798285+00', '2026-11-29 11:40:23.393728+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.create');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (18, 'announcement:2', 'announce:2', 'incidents-channel:incident-response', 2, false, 'AnnounceIncident', '{"incident": 2, "channel_name": "incident-response"}', 2, 'pending', '2026-11-29 11:40:19.763126+00', '2026-11-29 11:40:26.894719+00', 2, '2026-11-29 11:40:19.798285+00', '2026-11-29 11:40:23.394719+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.history');
INSERT INTO tocsin.outbox OVERRIDING SYSTEM VALUE VALUES (8, 'announcement:1', 'announce:1', 'incidents-channel:incident-response', 2, false, 'AnnounceIncident', '{"incident": 1, "channel_name": "incident-response"}', 1, 'pending', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:26.858705+00', 2, '2026-11-29 11:40:19.70987+00', '2026-11-29 11:40:23.358705+00', NULL, NULL, NULL, NULL, NULL, 'Slack failed during conversations.history');

INSERT INTO tocsin.page VALUES (1, 'U0BRUNO001', 'CTO', '2026-11-29 11:40:19.597527+00', NULL, '', NULL);
INSERT INTO tocsin.page VALUES (1, 'U0DEVIKA01', 'DevOps Lead', '2026-11-29 11:40:19.597527+00', NULL, '', NULL);
INSERT INTO tocsin.page VALUES (1, 'U0CHIDI001', 'On-Call Engineer', '2026-11-29 11:40:19.597527+00', NULL, '', NULL);
INSERT INTO tocsin.page VALUES (2, 'U0CHIDI001', 'On-Call Engineer', '2026-11-29 11:40:19.763126+00', NULL, '', NULL);

INSERT INTO tocsin.person VALUES ('U0ANA00001', 'ana', false, false, false, '2026-11-29 11:40:19.574533+00');
INSERT INTO tocsin.person VALUES ('U0CHIDI001', 'chidi', false, false, false, '2026-11-29 11:40:19.752566+00');

INSERT INTO tocsin.place VALUES ('incident-response', 'C0SAND00003');

INSERT INTO tocsin.result VALUES (2, 0, 'slow-api-responses', 242, '', 'Identify slow endpoints', 'diagnostic', 'logs.start_query', '', 'unknown', 'not_configured', 'AWS is not asked: AWS_REGION is not set, and there is no profile that names a region.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044308+00');
INSERT INTO tocsin.result VALUES (2, 1, 'slow-api-responses', 249, '', 'Check database slow queries', 'diagnostic', 'postgres.query', '', 'unknown', 'not_configured', 'Not asked: PGHOST and PGUSER and PGDATABASE are not set where Tocsin runs.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044308+00');
INSERT INTO tocsin.result VALUES (2, 2, 'slow-api-responses', 258, '', 'Check Redis performance', 'diagnostic', 'redis.info', '', 'unknown', 'not_configured', 'Not asked: REDIS_HOST and REDIS_PASSWORD are not set where Tocsin runs.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044308+00');
INSERT INTO tocsin.result VALUES (2, 3, 'slow-api-responses', 261, '', 'Check resource utilization', 'diagnostic', 'ecs.utilisation', '', 'unknown', 'not_configured', 'AWS is not asked: AWS_REGION is not set, and there is no profile that names a region.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044308+00');
INSERT INTO tocsin.result VALUES (1, 0, 'api-completely-down', 34, '', 'Health check', 'diagnostic', 'health.check', '', 'unknown', 'not_configured', 'The health address is not asked: TOCSIN_HEALTH_URL is not set. By hand: curl -i https://YOUR-API/health', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 1, 'api-completely-down', 34, '', 'Traffic and errors', 'diagnostic', 'load_balancer.traffic', '', 'unknown', 'not_configured', 'The load balancer is not asked: TOCSIN_LOAD_BALANCER is not set. Its name: aws cloudwatch list-metrics --namespace AWS/ApplicationELB --metric-name HTTPCode_Target_5XX_Count', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 2, 'api-completely-down', 41, '', 'Check ECS service status', 'diagnostic', 'ecs.describe_services', '', 'unknown', 'not_configured', 'AWS is not asked: AWS_REGION is not set, and there is no profile that names a region.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 3, 'api-completely-down', 47, '', 'Check recent deployments', 'diagnostic', 'ecs.describe_services', '', 'unknown', 'not_configured', 'AWS is not asked: AWS_REGION is not set, and there is no profile that names a region.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 4, 'api-completely-down', 53, '', 'Check CloudWatch logs for errors', 'diagnostic', 'logs.filter_log_events', '', 'unknown', 'not_configured', 'AWS is not asked: AWS_REGION is not set, and there is no profile that names a region.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 5, 'api-completely-down', 64, '', 'Check connections', 'diagnostic', 'postgres.query', '', 'unknown', 'not_configured', 'The database is not asked: neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 6, 'api-completely-down', 67, '', 'Check for locks', 'diagnostic', 'postgres.query', '', 'unknown', 'not_configured', 'The database is not asked: neither TOCSIN_MONITORED_DATABASE_URL nor PGHOST is set.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');
INSERT INTO tocsin.result VALUES (1, 7, 'api-completely-down', 73, '', 'Check ECS task metrics', 'diagnostic', 'cloudwatch.get_metric_statistics', '', 'unknown', 'not_configured', 'AWS is not asked: AWS_REGION is not set, and there is no profile that names a region.', '', '', '{}', NULL, NULL, '2026-11-29 11:40:22.044064+00');

INSERT INTO tocsin.status_update OVERRIDING SYSTEM VALUE VALUES (1, 1, '2026-11-29 11:40:19.820069+00', 'U0ANA00001', 'investigating', 'it is slow still', '2026-11-29 11:55:19.820069+00');

INSERT INTO tocsin.timeline_entry OVERRIDING SYSTEM VALUE VALUES (1, 1, '2026-11-29 11:40:19.597527+00', 'U0ANA00001', 'declared', '{"title": "API is completely down", "everyone": "all hands", "severity": "P0"}');
INSERT INTO tocsin.timeline_entry OVERRIDING SYSTEM VALUE VALUES (2, 2, '2026-11-29 11:40:19.763126+00', 'U0CHIDI001', 'declared', '{"title": "Search is slow", "everyone": "", "severity": "P2"}');
INSERT INTO tocsin.timeline_entry OVERRIDING SYSTEM VALUE VALUES (3, 1, '2026-11-29 11:40:19.820069+00', 'U0ANA00001', 'update_posted', '{"update": "1"}');
INSERT INTO tocsin.timeline_entry OVERRIDING SYSTEM VALUE VALUES (4, 1, '2026-11-29 11:40:19.873646+00', '', 'page_accepted', '{"how": "pagerduty:user/PCTO001", "contact": "CTO"}');
INSERT INTO tocsin.timeline_entry OVERRIDING SYSTEM VALUE VALUES (5, 2, '2026-11-29 11:40:22.06011+00', '', 'looked', '{"what": "SLOW API RESPONSES", "digest": "1be2e452b46d7a0d9656bbb1f768e8248eba1b75baed65f5d99eafa948899a6a", "unknown": "4"}');
INSERT INTO tocsin.timeline_entry OVERRIDING SYSTEM VALUE VALUES (6, 1, '2026-11-29 11:40:22.062378+00', '', 'looked', '{"what": "API COMPLETELY DOWN", "digest": "924592b9b103f14f833faafb67f480691f01988aa457c0061769f58cd47311bc", "unknown": "8"}');

INSERT INTO tocsin.way OVERRIDING SYSTEM VALUE VALUES (2, 1, 'CTO', 1, 'tel:+14155550100', NULL, NULL, NULL, NULL, NULL, '', NULL, false, NULL, false, false);
INSERT INTO tocsin.way OVERRIDING SYSTEM VALUE VALUES (1, 1, 'CTO', 0, 'pagerduty:user/PCTO001', '2026-11-29 11:40:19.597527+00', '2026-11-29 11:40:19.873646+00', NULL, NULL, NULL, '', '2026-11-29 11:40:34.873646+00', false, NULL, false, false);

SELECT pg_catalog.setval('tocsin.incident_number_seq', 2, true);

SELECT pg_catalog.setval('tocsin.look_id_seq', 2, true);

SELECT pg_catalog.setval('tocsin.outbox_id_seq', 32, true);

SELECT pg_catalog.setval('tocsin.replica', 1, true);

SELECT pg_catalog.setval('tocsin.status_update_id_seq', 1, true);

SELECT pg_catalog.setval('tocsin.timeline_entry_id_seq', 6, true);

SELECT pg_catalog.setval('tocsin.way_id_seq', 2, true);

ALTER TABLE ONLY tocsin.calendar_copy
    ADD CONSTRAINT calendar_copy_pkey PRIMARY KEY (source);

ALTER TABLE ONLY tocsin.channel_seen
    ADD CONSTRAINT channel_seen_pkey PRIMARY KEY (channel);

ALTER TABLE ONLY tocsin.checklist_item
    ADD CONSTRAINT checklist_item_pkey PRIMARY KEY (incident, "position");

ALTER TABLE ONLY tocsin.checklist_window
    ADD CONSTRAINT checklist_window_pkey PRIMARY KEY (incident, within);

ALTER TABLE ONLY tocsin.edition
    ADD CONSTRAINT edition_pkey PRIMARY KEY (sha);

ALTER TABLE ONLY tocsin.inbound
    ADD CONSTRAINT inbound_pkey PRIMARY KEY (key);

ALTER TABLE ONLY tocsin.incident
    ADD CONSTRAINT incident_channel_key UNIQUE (channel);

ALTER TABLE ONLY tocsin.incident
    ADD CONSTRAINT incident_lost_channel_key UNIQUE (lost_channel);

ALTER TABLE ONLY tocsin.incident_member
    ADD CONSTRAINT incident_member_pkey PRIMARY KEY (incident, person);

ALTER TABLE ONLY tocsin.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (number);

ALTER TABLE ONLY tocsin.installation
    ADD CONSTRAINT installation_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY tocsin.look
    ADD CONSTRAINT look_incident_number_key UNIQUE (incident, number);

ALTER TABLE ONLY tocsin.look
    ADD CONSTRAINT look_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tocsin.look
    ADD CONSTRAINT look_request_key UNIQUE (request);

ALTER TABLE ONLY tocsin.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (number);

ALTER TABLE ONLY tocsin.outbox
    ADD CONSTRAINT outbox_key_key UNIQUE (key);

ALTER TABLE ONLY tocsin.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tocsin.page
    ADD CONSTRAINT page_pkey PRIMARY KEY (incident, person);

ALTER TABLE ONLY tocsin.person
    ADD CONSTRAINT person_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tocsin.place
    ADD CONSTRAINT place_pkey PRIMARY KEY (name);

ALTER TABLE ONLY tocsin.result
    ADD CONSTRAINT result_pkey PRIMARY KEY (look, place);

ALTER TABLE ONLY tocsin.role
    ADD CONSTRAINT role_pkey PRIMARY KEY (incident, role);

ALTER TABLE ONLY tocsin.status_update
    ADD CONSTRAINT status_update_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tocsin.timeline_entry
    ADD CONSTRAINT timeline_entry_pkey PRIMARY KEY (id);

ALTER TABLE ONLY tocsin.way
    ADD CONSTRAINT way_pkey PRIMARY KEY (id);

CREATE INDEX channel_seen_name ON tocsin.channel_seen USING btree (name);

CREATE INDEX checklist_window_due ON tocsin.checklist_window USING btree (due_at);

CREATE INDEX inbound_age ON tocsin.inbound USING btree (at);

CREATE INDEX incident_look ON tocsin.incident USING btree (look_at) WHERE (look_at IS NOT NULL);

CREATE INDEX incident_notice ON tocsin.incident USING btree (notice_at) WHERE (notice_at IS NOT NULL);

CREATE INDEX incident_open ON tocsin.incident USING btree (number DESC) WHERE (status = ANY (ARRAY['investigating'::text, 'identified'::text, 'monitoring'::text]));

CREATE INDEX incident_over ON tocsin.incident USING btree (resolved_at DESC) WHERE (resolved_at IS NOT NULL);

CREATE INDEX look_open ON tocsin.look USING btree (id) WHERE (ended_at IS NULL);

CREATE INDEX outbox_announced ON tocsin.outbox USING btree (channel, ts) WHERE ((kind = 'AnnounceIncident'::text) AND (ts IS NOT NULL));

CREATE INDEX outbox_open ON tocsin.outbox USING btree (lane, id) WHERE (state = ANY (ARRAY['pending'::text, 'sending'::text]));

CREATE INDEX outbox_posts ON tocsin.outbox USING btree (incident) WHERE (ts IS NOT NULL);

CREATE INDEX status_update_of ON tocsin.status_update USING btree (incident, id);

CREATE INDEX timeline_of ON tocsin.timeline_entry USING btree (incident, id);

CREATE INDEX timeline_source ON tocsin.timeline_entry USING btree (((detail ->> 'source'::text))) WHERE (detail ? 'source'::text);

CREATE INDEX way_due ON tocsin.way USING btree (due_at) WHERE (due_at IS NOT NULL);

CREATE UNIQUE INDEX way_in_order ON tocsin.way USING btree (incident, contact, place) WHERE (NOT past);

CREATE UNIQUE INDEX way_once ON tocsin.way USING btree (incident, handle) WHERE (NOT past);

CREATE TRIGGER result_stays BEFORE DELETE OR UPDATE ON tocsin.result FOR EACH ROW WHEN ((old.verdict IS NOT NULL)) EXECUTE FUNCTION tocsin.refuse_change_of_result();

CREATE TRIGGER timeline_is_append_only BEFORE DELETE OR UPDATE ON tocsin.timeline_entry FOR EACH ROW EXECUTE FUNCTION tocsin.refuse_rewriting();

ALTER TABLE ONLY tocsin.checklist_item
    ADD CONSTRAINT checklist_item_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.checklist_window
    ADD CONSTRAINT checklist_window_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.incident
    ADD CONSTRAINT incident_edition_fkey FOREIGN KEY (edition) REFERENCES tocsin.edition(sha);

ALTER TABLE ONLY tocsin.incident_member
    ADD CONSTRAINT incident_member_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.look
    ADD CONSTRAINT look_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.outbox
    ADD CONSTRAINT outbox_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.page
    ADD CONSTRAINT page_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.result
    ADD CONSTRAINT result_look_fkey FOREIGN KEY (look) REFERENCES tocsin.look(id);

ALTER TABLE ONLY tocsin.role
    ADD CONSTRAINT role_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.status_update
    ADD CONSTRAINT status_update_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.timeline_entry
    ADD CONSTRAINT timeline_entry_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

ALTER TABLE ONLY tocsin.way
    ADD CONSTRAINT way_incident_fkey FOREIGN KEY (incident) REFERENCES tocsin.incident(number);

