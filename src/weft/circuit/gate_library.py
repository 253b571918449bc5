"""The gates of qelib1.inc and stdgates.inc that Weft has no code for, written in OpenQASM in terms of those it has.

The definitions are those of the published include files, with phases exact, so that they may be controlled.
"""

LIBRARY = """
gate u1(a) q { p(a) q; }
gate phase(a) q { p(a) q; }
gate u2(a, b) q { u(pi/2, a, b) q; }
gate u3(a, b, c) q { u(a, b, c) q; }
gate u0(a) q { }
gate r(a, b) q { u(a, b - pi/2, pi/2 - b) q; }
gate cu1(a) q, r { cp(a) q, r; }
gate cphase(a) q, r { cp(a) q, r; }
gate cu(a, b, c, d) q, r { p(d) q; cu3(a, b, c) q, r; }
gate ccx a, b, c {
  h c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; cx a, c; t b; t c; h c; cx a, b; t a; tdg b; cx a, b;
}
gate ccz a, b, c { h c; ccx a, b, c; h c; }
gate cswap a, b, c { cx c, b; ccx a, b, c; cx c, b; }
gate rccx a, b, c {
  h c; t c; cx b, c; tdg c; cx a, c; t c; cx b, c; tdg c; h c;
}
gate rc3x a, b, c, d {
  h d; t d; cx c, d; tdg d; h d; cx a, d; t d; cx b, d; tdg d; cx a, d; t d; cx b, d; tdg d;
  h d; t d; cx c, d; tdg d; h d;
}
gate c3x a, b, c, d {
  h d; p(pi/8) a; p(pi/8) b; p(pi/8) c; p(pi/8) d;
  cx a, b; p(-pi/8) b; cx a, b;
  cx b, c; p(-pi/8) c; cx a, c; p(pi/8) c; cx b, c; p(-pi/8) c; cx a, c;
  cx c, d; p(-pi/8) d; cx b, d; p(pi/8) d; cx c, d; p(-pi/8) d; cx a, d; p(pi/8) d;
  cx c, d; p(-pi/8) d; cx b, d; p(pi/8) d; cx c, d; p(-pi/8) d; cx a, d; h d;
}
gate c3sqrtx a, b, c, d {
  h d; cp(pi/8) a, d; h d; cx a, b; h d; cp(-pi/8) b, d; h d; cx a, b; h d; cp(pi/8) b, d; h d;
  cx b, c; h d; cp(-pi/8) c, d; h d; cx a, c; h d; cp(pi/8) c, d; h d;
  cx b, c; h d; cp(-pi/8) c, d; h d; cx a, c; h d; cp(pi/8) c, d; h d;
}
gate c4x a, b, c, d, e {
  h e; cp(pi/2) d, e; h e; c3x a, b, c, d; h e; cp(-pi/2) d, e; h e; c3x a, b, c, d; c3sqrtx a, b, c, e;
}
"""
