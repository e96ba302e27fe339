// Package oracle judges code that nobody trusts. The hidden tests (the judge)
// and the candidate's code (the subject) run in two sandboxes; between them
// stands this package, the relay: it passes the judge's questions down and the
// subject's answers up, checks every answer byte by byte before the judge reads
// it, enforces time, and keeps the verdicts that the judge sends.
//
//	judge process  <—frames—>  Run  <—frames—>  subject process
//
// What the subject does (dies, hangs, answers with garbage) reaches the judge as
// {"gone":"why"} and fails tests. A judge that dies without saying done is an
// error of ours and is never scored. PROTOCOL.md describes the frames; the
// folder python holds the Python side, the packages js and golang the others.
//
// It is not for analysers that only read code, nor for the tests that a
// workspace brings with it: those run as plain commands in a box.
package oracle
