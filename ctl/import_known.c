/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "lib/bug.h"

#include "policy/words.h"

#include "ctl/import.h"

/* What OpenDKIM 2.11 can be told (opendkim.conf(5)), and what of it is nothing to Frank. */

static const char accounts[] =
    "frankd has an account for each of its processes, and no root directory "
    "of its own: contrib/frank.sysusers";
static const char anchor[] =
    "the resolver checks DNSSEC; 'set trust-anchor' makes frankd do it "
    "itself";
static const char atps[] = "third-party signatures that few receivers know of (RFC 6541)";
static const char crlf[] = "Postfix hands line ends on as CRLF";
static const char by_port[] =
    "Frank does not know by which port mail came, but whether it had a "
    "login: what comes this way without one is signed only from "
    "'set trusted'";
static const char deadline[] =
    "about keys of incoming mail; 'set dns-deadline' is how long frankd "
    "waits";
static const char diagnostics[] =
    "Frank writes no z= into signatures: it tells everybody who reads it "
    "all header fields";
static const char dns[] =
    "frankd asks the resolver of the system, or that of 'set resolver'";
static const char dontsign[] =
    "put those recipients into a table <unsigned> and 'not rcpt <unsigned>' "
    "into the match lines";
static const char exempt[] =
    "a domain that is to be left alone should have no row in SigningTable: "
    "look whether one has";
static const char external[] =
    "it only silenced a log message of OpenDKIM, which Frank does not have";
static const char headers[] =
    "frankd signs up to 1 MB of header fields; what is larger gets 'set "
    "on-error'";
static const char identity[] = "Frank writes no i= into signatures";
static const char ldap[] = "for data sets in LDAP or SQL, which are not read";
static const char length[] =
    "Frank signs whole bodies: with l= anybody could add text to a signed "
    "message";
static const char logging[] = "frankd logs one line for each message to syslog";
static const char logwhy[] = "'frank explain' has the reasons for every message";
static const char malformed[] =
    "Frank signs nothing whose author is unclear, and sends the rest on; "
    "'author unclear' is the test to refuse such mail";
static const char nameservers[] =
    "frankd asks the resolver of /etc/resolv.conf, and one other with 'set "
    "resolver'";
static const char obsolete[] = "an older OpenDKIM had this; 2.11 has no use for it";
static const char old[] = "Frank never takes a signature off a message";
static const char onerror[] =
    "with 'set on-error', which is 'defer' unless said otherwise, mail "
    "never leaves unsigned because of Frank";
static const char peers[] =
    "mail of these clients was left alone: put them into a table <peers> "
    "and 'not client <peers>' into the match lines";
static const char pop[] =
    "clients after POP-before-SMTP were signed: Frank needs a login, or the "
    "client in 'set trusted'";
static const char process[] = "systemd starts and watches frankd: contrib/frankd.service";
static const char replace[] =
    "Frank signs what Postfix hands it: let Postfix rewrite before its "
    "milters, or not at all";
static const char reports[] =
    "Frank writes no r= into signatures; rua= in the DMARC record asks for "
    "reports";
static const char resign[] = "Frank signs nothing that comes in";
static const char safekeys[] =
    "frankd always insists: keys belong to root and nobody else may read "
    "them";
static const char script[] = "a Lua script: say in frank.conf what it does";
static const char selectcanon[] = "Frank signs all messages with the same canonicalization";
static const char sender[] = "Frank goes by the one author in From, as receivers do";
static const char software[] = "Frank adds no field with its name";
static const char statistics[] = "Frank's journal has every decision: frank log --json";
static const char temporary[] = "Frank writes no part of a message to disk";
static const char testing[] = "for tests of OpenDKIM";
static const char umask[] = "'set socket-group' is who may use frankd's socket";
static const char vbr[] = "vouch by reference (RFC 5518) is not used any more";
static const char verify[] =
    "about verifying incoming mail, which Frank does not do: let another "
    "OpenDKIM with 'Mode v' do it";

/* The other parts of the import have something to say about those of OURS. */
#define OURS IMPORT_CARRIED, NULL
#define LEFT IMPORT_LEFT
#define LOOK IMPORT_LOOK

static const struct import_known all[] = {
    {"ADSPAction", IMPORT_STRING, LEFT, obsolete},
    {"ADSPNoSuchDomain", IMPORT_BOOLEAN, LEFT, obsolete},
    {"AddAllSignatureResults", IMPORT_BOOLEAN, LEFT, obsolete},
    {"AllowSHA1Only", IMPORT_BOOLEAN, LEFT, verify},
    {"AlwaysAddARHeader", IMPORT_BOOLEAN, LEFT, verify},
    {"AnonymousStatistics", IMPORT_BOOLEAN, LEFT, statistics},
    {"ATPSDomains", IMPORT_STRING, LEFT, atps},
    {"ATPSHashAlgorithm", IMPORT_STRING, LEFT, atps},
    {"AuthservID", IMPORT_STRING, LEFT, verify},
    {"AuthservIDWithJobID", IMPORT_BOOLEAN, LEFT, verify},
    {"AutoRestart", IMPORT_BOOLEAN, LEFT, process},
    {"AutoRestartCount", IMPORT_NUMBER, LEFT, process},
    {"AutoRestartRate", IMPORT_STRING, LEFT, process},
    {"Background", IMPORT_BOOLEAN, LEFT, process},
    {"BaseDirectory", IMPORT_STRING, OURS},
    {"BodyLengthDB", IMPORT_STRING, LEFT, length},
    {"BodyLengths", IMPORT_BOOLEAN, LEFT, obsolete},
    {"BogusKey", IMPORT_STRING, LEFT, verify},
    {"BogusPolicy", IMPORT_STRING, LEFT, obsolete},
    {"Canonicalization", IMPORT_STRING, OURS},
    {"CaptureUnknownErrors", IMPORT_BOOLEAN, LEFT, verify},
    {"ChangeRootDirectory", IMPORT_STRING, LEFT, accounts},
    {"ClockDrift", IMPORT_NUMBER, LEFT, verify},
    {"Diagnostics", IMPORT_BOOLEAN, LEFT, diagnostics},
    {"DiagnosticDirectory", IMPORT_STRING, LEFT, verify},
    {"DisableADSP", IMPORT_BOOLEAN, LEFT, obsolete},
    {"DisableCryptoInit", IMPORT_BOOLEAN, LEFT, process},
    {"DNSConnect", IMPORT_BOOLEAN, LEFT, dns},
    {"DNSTimeout", IMPORT_NUMBER, LEFT, deadline},
    {"Domain", IMPORT_STRING, OURS},
    {"DomainKeysCompat", IMPORT_BOOLEAN, LEFT, verify},
    {"DontSignMailTo", IMPORT_STRING, LOOK, dontsign},
    {"EnableCoredumps", IMPORT_BOOLEAN, LEFT, process},
    {"ExemptDomains", IMPORT_STRING, LOOK, exempt},
    {"ExternalIgnoreList", IMPORT_STRING, LEFT, external},
    {"FinalPolicyScript", IMPORT_STRING, LOOK, script},
    {"FixCRLF", IMPORT_BOOLEAN, LEFT, crlf},
    {"HoldQuarantinedMessages", IMPORT_BOOLEAN, LEFT, verify},
    {"IdentityHeader", IMPORT_STRING, LEFT, identity},
    {"IdentityHeaderRemove", IMPORT_BOOLEAN, LEFT, identity},
    {"IgnoreMalformedMail", IMPORT_BOOLEAN, LEFT, malformed},
    {"Include", IMPORT_STRING, OURS},
    {"InternalHosts", IMPORT_STRING, OURS},
    {"KeepAuthResults", IMPORT_BOOLEAN, LEFT, verify},
    {"KeepTemporaryFiles", IMPORT_BOOLEAN, LEFT, temporary},
    {"KeyFile", IMPORT_STRING, OURS},
    {"KeyTable", IMPORT_STRING, OURS},
    {"LDAPAuthMechanism", IMPORT_STRING, LEFT, ldap},
    {"LDAPAuthName", IMPORT_STRING, LEFT, ldap},
    {"LDAPAuthRealm", IMPORT_STRING, LEFT, ldap},
    {"LDAPAuthUser", IMPORT_STRING, LEFT, ldap},
    {"LDAPBindPassword", IMPORT_STRING, LEFT, ldap},
    {"LDAPBindUser", IMPORT_STRING, LEFT, ldap},
    {"LDAPDisableCache", IMPORT_BOOLEAN, LEFT, ldap},
    {"LDAPKeepaliveIdle", IMPORT_NUMBER, LEFT, ldap},
    {"LDAPKeepaliveInterval", IMPORT_NUMBER, LEFT, ldap},
    {"LDAPKeepaliveProbes", IMPORT_NUMBER, LEFT, ldap},
    {"LDAPSoftStart", IMPORT_BOOLEAN, LEFT, ldap},
    {"LDAPTimeout", IMPORT_NUMBER, LEFT, ldap},
    {"LDAPUseTLS", IMPORT_BOOLEAN, LEFT, ldap},
    {"LocalADSP", IMPORT_STRING, LEFT, obsolete},
    {"LogResults", IMPORT_BOOLEAN, LEFT, logging},
    {"LogWhy", IMPORT_BOOLEAN, LEFT, logwhy},
    {"LuaGlobals", IMPORT_STRING, LOOK, script},
    {"MacroList", IMPORT_STRING, LOOK, by_port},
    {"MaximumHeaders", IMPORT_NUMBER, LEFT, headers},
    {"MaximumSignaturesToVerify", IMPORT_NUMBER, LEFT, verify},
    {"MaximumSignedBytes", IMPORT_NUMBER, LEFT, length},
    {"MilterDebug", IMPORT_NUMBER, LEFT, logging},
    {"Minimum", IMPORT_STRING, LEFT, verify},
    {"MinimumKeyBits", IMPORT_NUMBER, LEFT, verify},
    {"Mode", IMPORT_STRING, OURS},
    {"MTA", IMPORT_STRING, LOOK, by_port},
    {"MTACommand", IMPORT_STRING, LEFT, verify},
    {"MultipleSignatures", IMPORT_BOOLEAN, OURS},
    {"MustBeSigned", IMPORT_STRING, LEFT, verify},
    {"Nameservers", IMPORT_STRING, LEFT, nameservers},
    {"NoHeaderB", IMPORT_BOOLEAN, LEFT, verify},
    {"OmitHeaders", IMPORT_STRING, OURS},
    {"On-BadSignature", IMPORT_STRING, LEFT, verify},
    {"On-Default", IMPORT_STRING, LEFT, onerror},
    {"On-DNSError", IMPORT_STRING, LEFT, verify},
    {"On-InternalError", IMPORT_STRING, OURS},
    {"On-KeyNotFound", IMPORT_STRING, LEFT, verify},
    {"On-NoSignature", IMPORT_STRING, LEFT, verify},
    {"On-PolicyError", IMPORT_STRING, LEFT, obsolete},
    {"On-Security", IMPORT_STRING, LEFT, verify},
    {"On-SignatureError", IMPORT_STRING, LEFT, onerror},
    {"OversignHeaders", IMPORT_STRING, OURS},
    {"PeerList", IMPORT_STRING, LOOK, peers},
    {"PidFile", IMPORT_STRING, LEFT, process},
    {"POPDBFile", IMPORT_STRING, LOOK, pop},
    {"Quarantine", IMPORT_BOOLEAN, LEFT, verify},
    {"QueryCache", IMPORT_BOOLEAN, LEFT, dns},
    {"RedirectFailuresTo", IMPORT_STRING, LEFT, verify},
    {"RemoveARAll", IMPORT_BOOLEAN, LEFT, verify},
    {"RemoveARFrom", IMPORT_STRING, LEFT, verify},
    {"RemoveOldSignatures", IMPORT_BOOLEAN, LOOK, old},
    {"ReplaceHeaders", IMPORT_STRING, LOOK, replace},
    {"ReplaceRules", IMPORT_STRING, LOOK, replace},
    {"ReportAddress", IMPORT_STRING, LEFT, verify},
    {"ReportBccAddress", IMPORT_STRING, LEFT, verify},
    {"RequestReports", IMPORT_BOOLEAN, LEFT, reports},
    {"RequiredHeaders", IMPORT_BOOLEAN, LEFT, malformed},
    {"RequireSafeKeys", IMPORT_BOOLEAN, LEFT, safekeys},
    {"ResignAll", IMPORT_BOOLEAN, LOOK, resign},
    {"ResignMailTo", IMPORT_STRING, LOOK, resign},
    {"ResolverConfiguration", IMPORT_STRING, LEFT, dns},
    {"ResolverTracing", IMPORT_BOOLEAN, LEFT, dns},
    {"ScreenPolicyScript", IMPORT_STRING, LOOK, script},
    {"SelectCanonicalizationHeader", IMPORT_STRING, LEFT, selectcanon},
    {"Selector", IMPORT_STRING, OURS},
    {"SendADSPReports", IMPORT_BOOLEAN, LEFT, obsolete},
    {"SenderHeaders", IMPORT_STRING, OURS},
    {"SenderMacro", IMPORT_STRING, LOOK, sender},
    {"SendReports", IMPORT_BOOLEAN, LEFT, verify},
    {"SetupPolicyScript", IMPORT_STRING, LOOK, script},
    {"SignatureAlgorithm", IMPORT_STRING, OURS},
    {"SignatureTTL", IMPORT_NUMBER, OURS},
    {"SignHeaders", IMPORT_STRING, OURS},
    {"SigningTable", IMPORT_STRING, OURS},
    {"SMTPURI", IMPORT_STRING, LEFT, verify},
    {"Socket", IMPORT_STRING, OURS},
    {"SoftStart", IMPORT_BOOLEAN, LEFT, ldap},
    {"SoftwareHeader", IMPORT_BOOLEAN, LEFT, software},
    {"Statistics", IMPORT_STRING, LEFT, statistics},
    {"StatisticsName", IMPORT_STRING, LEFT, statistics},
    {"StatisticsPolicyScript", IMPORT_STRING, LEFT, statistics},
    {"StatisticsPrefix", IMPORT_STRING, LEFT, statistics},
    {"StrictHeaders", IMPORT_BOOLEAN, LEFT, malformed},
    {"StrictTestMode", IMPORT_BOOLEAN, LEFT, testing},
    {"SubDomains", IMPORT_BOOLEAN, OURS},
    {"Syslog", IMPORT_BOOLEAN, LEFT, logging},
    {"SyslogFacility", IMPORT_STRING, LEFT, logging},
    {"SyslogName", IMPORT_STRING, LEFT, logging},
    {"SyslogSuccess", IMPORT_BOOLEAN, LEFT, logging},
    {"TemporaryDirectory", IMPORT_STRING, LEFT, temporary},
    {"TestDNSData", IMPORT_STRING, LEFT, testing},
    {"TestPublicKeys", IMPORT_STRING, LEFT, testing},
    {"TrustAnchorFile", IMPORT_STRING, LEFT, anchor},
    {"TrustSignaturesFrom", IMPORT_STRING, LEFT, verify},
    {"UMask", IMPORT_NUMBER, LEFT, umask},
    {"UnprotectedKey", IMPORT_STRING, LEFT, verify},
    {"UnprotectedPolicy", IMPORT_STRING, LEFT, obsolete},
    {"UserID", IMPORT_STRING, LEFT, accounts},
    {"VBR-Certifiers", IMPORT_STRING, LEFT, vbr},
    {"VBR-PurgeFields", IMPORT_STRING, LEFT, vbr},
    {"VBR-TrustedCertifiers", IMPORT_STRING, LEFT, vbr},
    {"VBR-TrustedCertifiersOnly", IMPORT_BOOLEAN, LEFT, vbr},
    {"VBR-Type", IMPORT_STRING, LEFT, vbr},
    {"WeakSyntaxChecks", IMPORT_BOOLEAN, LEFT, malformed},
    {"X-Header", IMPORT_BOOLEAN, LEFT, obsolete},
};

#undef OURS
#undef LEFT
#undef LOOK

const struct import_known *
import_known_find(struct view name)
{
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		if (view_is_nocase(view_of(all[i].name), name))
			return &all[i];
	return NULL;
}

const char *
import_known_guess(struct view name)
{
	struct guess guess;

	guess_begin(&guess, name);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		guess_try(&guess, view_of(all[i].name));
	return guess_is_good(&guess) ? guess.best.p : NULL;
}
