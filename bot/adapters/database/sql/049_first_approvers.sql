-- runs from: 012
-- Who approved first what two approvers have to agree to, where who asked for it is none of them.
alter table remediation add column first_approver text;
