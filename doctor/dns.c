/* SPDX-License-Identifier: ISC */
/* Copyright (c) 2026 The Frank authors */
#include "doctor/dns.h"

const struct doctor_check doctor_dns[] = {
    {"dns-helo", DOCTOR_ONCE,
	"Receivers look the name up that our server greets with, and many refuse one that "
	"is "
	"not theirs to find.",
	dns_check_helo},
    {"dns-ptr", DOCTOR_EGRESS,
	"Large receivers refuse mail from an address without a name, or whose name does "
	"not "
	"lead back to it.",
	dns_check_ptr},
    {"dns-mx", DOCTOR_DOMAIN,
	"Who cannot be answered is not believed: receivers refuse senders in a domain that "
	"takes no mail, and bounces are lost.",
	dns_check_mx},
    {"dns-address", DOCTOR_DOMAIN,
	"Replies and bounces go to these hosts; those that cannot be found get none.",
	dns_check_address},
    {"dns-spf", DOCTOR_DOMAIN,
	"Receivers ask the sender's domain which addresses may send for it, and refuse or "
	"mark mail from any other.",
	dns_check_spf},
    {"dns-dkim", DOCTOR_DOMAIN,
	"A signature whose key is not found, or is another, counts as none; receivers ask "
	"any of the servers.",
	dns_check_dkim},
    {"dns-dmarc", DOCTOR_DOMAIN,
	"The large receivers ask senders for a DMARC record; without reports nobody hears "
	"of "
	"mail that was refused for it.",
	dns_check_dmarc},
    {"dns-mta-sts", DOCTOR_DOMAIN,
	"Who sends to this domain goes by it, and may keep its mail back when it is "
	"broken.",
	dns_check_mta_sts},
    {"dns-tls-rpt", DOCTOR_DOMAIN,
	"Others report there that they could not deliver over TLS.", dns_check_tls_rpt},
    {"dns-wildcard", DOCTOR_DOMAIN,
	"Where a key should be, receivers find a text that is none, and call the signature "
	"broken rather than not there.",
	dns_check_wildcard},
    {"dns-servers", DOCTOR_DOMAIN,
	"Receivers ask any of the name servers: part of the mail meets the one that is "
	"wrong.",
	dns_check_servers},
    {"dns-dnssec", DOCTOR_DOMAIN,
	"For receivers that check DNSSEC a domain whose signatures do not hold is not "
	"there "
	"at all.",
	dns_check_dnssec},
    {NULL, DOCTOR_ONCE, NULL, NULL},
};
