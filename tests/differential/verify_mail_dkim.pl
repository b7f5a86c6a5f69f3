#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Copyright (c) 2026 The Frank authors
#
# verify_mail_dkim.pl DIR: what Mail::DKIM says of DIR/NUMBER.eml, a line each. It knows no Ed25519.

use strict;
use warnings;

use Mail::DKIM::Verifier;
use Net::DNS;

my ($directory) = @ARGV;
my %records;

open(my $file, '<', "$directory/records") or die "records: $!";
while (my $line = <$file>) {
	chomp $line;
	my ($name, $record) = split /\t/, $line;
	$records{$name} = $record;
}
close $file;

no warnings 'redefine';
*Mail::DKIM::DNS::query = sub {
	my ($name, $type) = @_;
	return unless exists $records{$name};
	my @strings = unpack '(A255)*', $records{$name};
	$@ = '';
	return Net::DNS::RR->new(name => $name, type => 'TXT', txtdata => \@strings);
};
use warnings;

open(my $index, '<', "$directory/index") or die "index: $!";
while (my $line = <$index>) {
	my ($number, $algorithm) = split / /, $line;
	next if $algorithm ne 'rsa-sha256';
	my $verifier = Mail::DKIM::Verifier->new;
	open(my $message, '<:raw', "$directory/$number.eml") or die "$number: $!";
	local $/ = undef;
	my $text = <$message>;
	close $message;
	local $/ = "\n";
	eval {
		$verifier->PRINT($text);
		$verifier->CLOSE;
		1;
	} or do {
		my $why = $@;
		$why =~ s/\s+/ /g;
		print "$number fail $why\n";
		next;
	};
	my $good = $verifier->result eq 'pass';
	print "$number ", $good ? 'pass' : 'fail', ' ', $verifier->result_detail, "\n";
}
