package Data::Compare;

# What MBXP's tests use of the module of this name: Compare says whether two
# values of scalars, arrays, hashes and references are the same, scalars by text.
use strict;
use warnings;
use Exporter 'import';
our @EXPORT = ('Compare');

sub Compare {
    my ($x, $y) = @_;
    return defined $x ? 0 : defined $y ? 0 : 1 if !defined $x || !defined $y;
    return 0 if ref $x ne ref $y;
    return $x eq $y ? 1 : 0 if !ref $x;
    if (ref $x eq 'ARRAY') {
        return 0 if @$x != @$y;
        for my $i (0 .. $#$x) {
            return 0 if !Compare($x->[$i], $y->[$i]);
        }
        return 1;
    }
    if (ref $x eq 'HASH') {
        return 0 if keys %$x != keys %$y;
        for my $k (keys %$x) {
            return 0 if !exists $y->{$k} || !Compare($x->{$k}, $y->{$k});
        }
        return 1;
    }
    return Compare($$x, $$y) if ref $x eq 'SCALAR' || ref $x eq 'REF';
    return $x == $y ? 1 : 0;
}

1;
