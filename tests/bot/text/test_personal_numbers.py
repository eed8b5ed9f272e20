"""Numbers that lead to a person or to their money are taken out; numbers that only look like them stay."""

import pytest

from bot.text.redaction import redact, redact_value

AC, SK = "AC" + "0123456789abcdef" * 2, "SK" + "fedcba9876543210" * 2
TOKEN = "9f86d081884c7d659a2feaa0c55ad015"


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("2341 5421 4426", "Aadhaar 2341 5421 4426 did not match"),
        ("234154214426", "aadhaar_number=234154214426"),
        ("234154214426", '{"aadhaarNumber":"234154214426"}'),
        ("2341-5421-4426", "ekyc failed for 2341-5421-4426"),
        ("234154214426", "UIDAI: no consent of 234154214426"),
        ("9999 4105 7058", "user 9999 4105 7058 not found"),
        ("4991-1866-5246", "row (4991-1866-5246) refused"),
        ("999941057058", "verify 999941057058: timeout"),
        ("432112345671", "[432112345671] is blocked"),
        ("ABCPK9385F", "PAN ABCPK9385F is not linked"),
        ("ABCPK9385F", "tds for user_ABCPK9385F, failed"),
        ("ABCPK9385F", "GET /kyc/ABCPK9385F/status 502"),
        ("abcpk9385f", "pan=abcpk9385f"),
        ("abcpk9385f", '"panNumber": "abcpk9385f"'),
        ("ABCPK9385F", "gstin 27ABCPK9385F1Z5 rejected"),
        ("126416631451", "account_number=126416631451"),
        ("126416631451", '{"accountNumber": "126416631451"}'),
        ("126416631451", "beneficiaryAccountNumber: 126416631451 rejected"),
        ("126416631451", "A/C no. 126416631451 debited"),
        ("126416631451", "a/c 126416631451"),
        ("126416631451", "bank account 126416631451 is closed"),
        ("1264 1663 1451", "Account number is 1264 1663 1451"),
        ("50100012345678", "acct#50100012345678"),
        ("126416631451", "payout to 126416631451, HDFC0001234 failed"),
        ("126416631451", "ifsc=UTIB0000123 acc=126416631451"),
        ("126416631451", "imps SBIN0005943/126416631451"),
        ("GB82WEST12345698765432", "iban GB82WEST12345698765432"),
        ("DE89 3704 0044 0532 0130 00", "sepa to DE89 3704 0044 0532 0130 00 returned"),
        ("078-05-1120", "ssn 078-05-1120"),
        ("Z1234567", "passport_no: Z1234567"),
        ("ABC1234567", "voter id ABC1234567"),
        ("MH12 20110012345", "driving_licence=MH12 20110012345"),
        (AC, f"twilio {AC} refused"),
        (SK, f"twilio key {SK}"),
        (TOKEN, f"curl -u {AC}:{TOKEN} https://api.twilio.com"),
        (TOKEN, f"client = Client('{AC}', '{TOKEN}')"),
        (TOKEN, f"sid {AC} token {TOKEN}"),
        (AC, f"POST /2010-04-01/Accounts/{AC}/Messages.json 401"),
        ("key-" + TOKEN, f"mailgun key-{TOKEN} refused"),
        (TOKEN + "-us12", f"mailchimp {TOKEN}-us12"),
        ("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "bot110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
        ("shpat_" + TOKEN, f"shopify shpat_{TOKEN}"),
        ("dop_v1_" + TOKEN * 2, f"do dop_v1_{TOKEN * 2}"),
        ("9811199999", "GET /u/[upi]/9811199999"),
        ("9811199999", "GET /u/asha@okaxis/9811199999 502"),
        ("9811199999", "POST /otp/9811199999/resend 429"),
        ("2348031234567", "GET /v1/msisdn/2348031234567/balance 500"),
        ("4915112345678", "PUT /phones/4915112345678 409"),
        ("00491701234567", "GET /u/00491701234567 404"),
        ("919811199999", "https://wa.me/919811199999?text=hi"),
        ("9811199999", "https://api.example/v1/users/+919811199999"),
        ("+14155552671", "GET /sms/+14155552671?x=1 200"),
        ("+4915112345678", "POST https://api.example/verify/+4915112345678/resend"),
        ("%2B33612345678", "GET /otp/%2B33612345678 200"),
        ("+447911123456", "key otp_+447911123456 has expired"),
        ("9811199999", "GET /v2/contacts/%2B919811199999"),
        ("9811199999", "tel:9811199999 and rate:sms:9811199999"),
        ("9811199999", "set otp_9811199999 ex 300"),
        ("9811199999", "lock user-9811199999 is held"),
        ("9811199999", "s3://calls/9811199999.wav"),
    ],
)
def test_it_does_not_get_past(number: str, line: str) -> None:
    assert number in line
    once = redact(line)
    assert number not in once
    assert redact(once) == once
    assert number not in str(redact_value({"message": line}))


@pytest.mark.parametrize(
    "line",
    [
        "arn:aws:iam::234567890124:role/api, account 432112345671",
        "AWS account 999941057058, aws_account_number=999941057058",
        "432112345671.dkr.ecr.ap-south-1.amazonaws.com/backend:1",
        "CloudWatch Alarm | api | Account: 999941057058",
        "rrn 432112345671 utr=999941057058 order 987654321096",
        "backup of 202611230300 took 5 min",
        "lsn 0/16B3748, xid 432112345671, offset=999941057058",
        "free 2048 4096 8192, used 5120 4096 2048",
        "4321 1234 5670 is none by its last digit",
        "INVOICE12345, SKU ABCDE12345F, ABCXK9385F",
        "account_id=12345, account number: 42, 3 accounts, acct: 15",
        "discount number: 126416631451",
        "HDFC0001234 is the branch, IFSC UTIB0000123 is valid",
        "GB00WEST12345698765432 and DE12 services",
        "task SK-12 of AC1234, ACCESS_DENIED, " + "SKU" + "0" * 32,
        f"trace {TOKEN} span 00f067aa0ba902b7",
        f"md5 {TOKEN} and image sha256:{TOKEN}{TOKEN}",
        "GET /orders/9812712345 502",
        "GET /v1/payments/9812712345/refunds?limit=10",
        "/var/log/pods/9812712345/app.log and s3://logs/builds/9812712345",
        "https://ci.example/job/9812712345 and /runs/9812712345/jobs/6612712345",
        "issue_9812712345 and pg-9812712345",
        "GET /items/1763938000, /blocks/6543210, /u/12345",
        "passport control is slow, ssn lookup of 3 rows",
        "10.10.10.10:9812 at 12:34:56.789",
    ],
)
def test_what_only_looks_like_it_stays(line: str) -> None:
    assert redact(line) == line


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("aadhaar", 234154214426, "[aadhaar]"),
        ("aadhaar_no", "2341 5421 4426", "[aadhaar]"),
        ("account_number", 126416631451, "[account]"),
        ("beneficiary_account_no", "50100012345678", "[account]"),
        ("iban", "GB82WEST12345698765432", "[account]"),
        ("pan", "ABCPK9385F", "[pan]"),
        ("account_id", "234567890124", "234567890124"),
        ("account_count", 126416631451, 126416631451),
        ("order_number", 126416631451, 126416631451),
    ],
)
def test_a_fields_name_tells_what_its_number_is(name: str, value: object, shown: object) -> None:
    assert redact_value({name: value}) == {name: shown}


@pytest.mark.parametrize(
    "line",
    [
        "12 " * 300_000,
        "4321 1234 567" * 80_000,
        "AB12" * 250_000,
        "aadhaar " * 125_000,
        "account no " * 90_000,
        "HDFC0001234 " * 80_000,
        "/9811199999" * 90_000,
        "0123456789abcdef" * 60_000,
    ],
    ids=range(8),
)
@pytest.mark.timeout(30)
def test_a_megabyte_that_looks_like_numbers_is_read_to_its_end(line: str) -> None:
    assert redact(line)
