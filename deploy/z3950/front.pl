#!/usr/bin/perl
# A Z39.50 door before our SRU server: SimpleServer (of Index Data, in Debian) speaks the protocol and makes ISO 2709, this file says
# what a question of one means in the other. It holds no data and no secret.
#
#   SRU_URL=http://gateway:8000/sru perl front.pl -f gfs.xml @:2100
#
# Bib-1: use 1, 4, 7, 8, 12, 20, 21, 30, 31, 54, 1003, 1016, 1018, 1035; relation 1-5 and 103; first in field; right truncation;
# complete field; and, or, and-not; named result sets. Records: USmarc, UNIMARC (records in CNMARC), XML (dc by element set).
use strict;
use warnings;
use utf8;
use Encode qw(decode encode);
use HTTP::Tiny;
use Net::Z3950::SimpleServer;
use XML::LibXML;

my $SRU = $ENV{SRU_URL} || 'http://127.0.0.1:8930/sru';
# So many records are fetched at once: a client that shows ten asks us ten times, and we ask once.
my $PAGE = 10;
my $XML = '1.2.840.10003.5.109.10';
my %INDEX = (
    1 => 'dc.creator', 4 => 'dc.title', 7 => 'bath.isbn', 8 => 'bath.issn', 12 => 'rec.identifier', 20 => 'local.class', 21 => 'dc.subject',
    30 => 'dc.date', 31 => 'dc.date', 54 => 'dc.language', 1003 => 'dc.creator', 1016 => 'cql.anywhere', 1018 => 'dc.publisher',
    1035 => 'cql.anywhere',
);
my %RELATION = (1 => '<', 2 => '<=', 3 => '=', 4 => '>=', 5 => '>');
my %BOOLEAN = ('Net::Z3950::RPN::And' => 'and', 'Net::Z3950::RPN::Or' => 'or', 'Net::Z3950::RPN::AndNot' => 'not');
# SRU diagnostic => Bib-1 diagnostic; what is not named is a permanent error in SRU's words.
my %SAID = (2 => 2, 10 => 108, 12 => 108, 16 => 114, 19 => 117, 61 => 13, 66 => 238, 67 => 238);

my $http = HTTP::Tiny->new(timeout => 25, agent => 'guanwu-z3950');

sub refuse { die { code => $_[0], text => $_[1] // '' } }

# A question's tree as CQL.
sub cql {
    my ($node, $sets) = @_;
    my $kind = ref $node;
    return '(' . cql($node->[0], $sets) . " $BOOLEAN{$kind} " . cql($node->[1], $sets) . ')' if $BOOLEAN{$kind};
    if ($kind eq 'Net::Z3950::RPN::RSID') {
        my $set = $sets->{$node->{id}} or refuse(30, $node->{id});
        return "($set->{cql})";
    }
    refuse(110, $kind) unless $kind eq 'Net::Z3950::RPN::Term';
    return clause($node);
}

sub clause {
    my ($term) = @_;
    my %is = map { $_->{attributeType} => $_->{attributeValue} } @{ $term->{attributes} };
    return 'cql.allRecords = 1' if ($is{2} // 0) == 103;
    my $index = exists $is{1} ? $INDEX{$is{1}} || refuse(114, $is{1}) : 'cql.serverChoice';
    my $relation = $RELATION{$is{2} // 3} or refuse(117, $is{2});
    refuse(119, $is{3}) if ($is{3} // 3) !~ /^[123]$/;
    refuse(120, $is{5}) if ($is{5} // 100) !~ /^(1|100)$/;
    $relation = '==' if $relation eq '=' and ($is{6} // 1) == 3;
    my $words = decode('UTF-8', $term->{term}, Encode::FB_DEFAULT);
    refuse(108, 'empty term') unless $words =~ /\S/;
    $words =~ s/([\\"*?^])/\\$1/g;
    $words = "^$words" if ($is{3} // 3) < 3;
    $words .= '*' if ($is{5} // 100) == 1;
    return qq($index $relation "$words");
}

# One request to the SRU server: the parsed answer, or a refusal.
sub ask {
    my ($handle, %of) = @_;
    my $query = $http->www_form_urlencode({ version => '1.2', operation => 'searchRetrieve', map { $_ => encode('UTF-8', $of{$_}) } keys %of });
    # Whoever asks is one caller of the server's, as if they had asked it themselves.
    my $told = $handle->{peer} ? { 'X-Forwarded-For' => $handle->{peer} } : {};
    my $answer = $http->get("$SRU?$query", { headers => $told });
    refuse(2, "status $answer->{status}") unless $answer->{success};
    my $said = XML::LibXML::XPathContext->new(XML::LibXML->load_xml(string => $answer->{content}, no_network => 1, load_ext_dtd => 0));
    my ($wrong) = $said->findnodes('/*/*[local-name()="diagnostics"]/*');
    diagnosed($said, $wrong) if $wrong;
    return $said;
}

sub diagnosed {
    my ($said, $diagnostic) = @_;
    my ($code) = $said->findvalue('*[local-name()="uri"]', $diagnostic) =~ /(\d+)$/;
    my $text = $said->findvalue('*[local-name()="message"]', $diagnostic) . ' ' . $said->findvalue('*[local-name()="details"]', $diagnostic);
    refuse($SAID{$code // 0} // 1, encode('UTF-8', $text));
}

# What went wrong, in the answer to the client.
sub carefully {
    my ($args, $what) = @_;
    return if eval { $what->(); 1 };
    my $why = $@;
    ($args->{ERR_CODE}, $args->{ERR_STR}) = ref $why eq 'HASH' ? ($why->{code}, $why->{text}) : (1, 'front end');
    warn $why unless ref $why eq 'HASH';
}

sub init {
    my ($args) = @_;
    my ($peer) = ($args->{PEER_NAME} // '') =~ /^(?:tcp:|ssl:)?\[?([0-9a-fA-F.:]+?)\]?(?::\d+)?$/;
    @$args{qw(IMP_ID IMP_NAME IMP_VER HANDLE)} = ('guanwu', 'Guanwu', '1', { sets => {}, peer => $peer });
}

sub search {
    my ($args) = @_;
    my $handle = $args->{HANDLE};
    carefully($args, sub {
        my $query = $args->{RPN} or refuse(107);
        my $cql = cql($query->{query}, $handle->{sets});
        my $found = ask($handle, query => $cql, maximumRecords => 1, recordSchema => 'marcxchange');
        $args->{HITS} = 0 + $found->findvalue('/*/*[local-name()="numberOfRecords"]');
        $handle->{sets}{$args->{SETNAME}} = { cql => $cql, hits => $args->{HITS} };
    });
}

sub fetch {
    my ($args) = @_;
    my ($handle, $at) = @$args{qw(HANDLE OFFSET)};
    carefully($args, sub {
        my $set = $handle->{sets}{$args->{SETNAME}} or refuse(30, $args->{SETNAME});
        refuse(13) if $at < 1 or $at > $set->{hits};
        my $schema = ($args->{COMP} // '') =~ /^(marcxml|cnmarcxml|dc)$/ ? $1 : 'marcxchange';
        # The pages seen last; whoever walks through a long list does not fill our memory.
        my $start = $at - ($at - 1) % $PAGE;
        my $key = "$schema $start";
        $set->{pages} = { $key => page($handle, $set->{cql}, $schema, $start) } unless $set->{pages}{$key};
        my $record = $set->{pages}{$key}[$at - $start] or refuse(13);
        @$args{qw(REP_FORM BASENAME LAST)} = ($XML, 'Default', $at >= $set->{hits} ? 1 : 0);
        if (ref $record) {
            @$args{qw(SUR_FLAG ERR_CODE ERR_STR)} = (1, $record->{code}, $record->{text});
        }
        else {
            $args->{RECORD} = $record;
        }
    });
}

# Records as XML; in place of one that is not there in this form, why.
sub page {
    my ($handle, $cql, $schema, $start) = @_;
    my $found = ask($handle, query => $cql, startRecord => $start, maximumRecords => $PAGE, recordSchema => $schema);
    my @records;
    for my $data ($found->findnodes('/*/*[local-name()="records"]/*/*[local-name()="recordData"]')) {
        my ($record) = $data->findnodes('*');
        if ($record->localname eq 'diagnostic') {
            eval { diagnosed($found, $record) };
            push @records, $@;
            next;
        }
        my $alone = XML::LibXML::Document->new('1.0', 'UTF-8');
        $alone->setDocumentElement($record);
        push @records, $alone->toString;
    }
    return \@records;
}

Net::Z3950::SimpleServer->new(INIT => \&init, SEARCH => \&search, FETCH => \&fetch)->launch_server('front.pl', @ARGV);
