// Adds two numbers of 13 bits in place: 5461 + 7021 = 12482, in binary 11000011000010.
// The ripple-carry adder of Cuccaro, Draper, Kutin and Moulton, arXiv:quant-ph/0410184 (2004), on 28 qubits.
// Made by Weft: the same circuit as `weft compile adder:28`, with the Toffoli gates kept.
OPENQASM 2.0;
include "qelib1.inc";
qreg cin[1];   // the carry that goes in: 0
qreg a[13];    // the first number; it is there again at the end
qreg b[13];    // the second number; at the end the low bits of the sum
qreg cout[1];  // at the end the highest bit of the sum
creg sum[14];

// a = 5461, b = 7021
x a[0];
x a[2];
x a[4];
x a[6];
x a[8];
x a[10];
x a[12];
x b[0];
x b[2];
x b[3];
x b[5];
x b[6];
x b[8];
x b[9];
x b[11];
x b[12];

// Carries, from the lowest bit up: each a[k] becomes the carry out of bit k.
cx a[0],b[0];
cx a[0],cin[0];
ccx cin[0],b[0],a[0];
cx a[1],b[1];
cx a[1],a[0];
ccx a[0],b[1],a[1];
cx a[2],b[2];
cx a[2],a[1];
ccx a[1],b[2],a[2];
cx a[3],b[3];
cx a[3],a[2];
ccx a[2],b[3],a[3];
cx a[4],b[4];
cx a[4],a[3];
ccx a[3],b[4],a[4];
cx a[5],b[5];
cx a[5],a[4];
ccx a[4],b[5],a[5];
cx a[6],b[6];
cx a[6],a[5];
ccx a[5],b[6],a[6];
cx a[7],b[7];
cx a[7],a[6];
ccx a[6],b[7],a[7];
cx a[8],b[8];
cx a[8],a[7];
ccx a[7],b[8],a[8];
cx a[9],b[9];
cx a[9],a[8];
ccx a[8],b[9],a[9];
cx a[10],b[10];
cx a[10],a[9];
ccx a[9],b[10],a[10];
cx a[11],b[11];
cx a[11],a[10];
ccx a[10],b[11],a[11];
cx a[12],b[12];
cx a[12],a[11];
ccx a[11],b[12],a[12];

// The last carry is the highest bit of the sum.
cx a[12],cout[0];

// From the highest bit down: a is restored, and each b[k] becomes a bit of the sum.
ccx a[11],b[12],a[12];
cx a[12],a[11];
cx a[11],b[12];
ccx a[10],b[11],a[11];
cx a[11],a[10];
cx a[10],b[11];
ccx a[9],b[10],a[10];
cx a[10],a[9];
cx a[9],b[10];
ccx a[8],b[9],a[9];
cx a[9],a[8];
cx a[8],b[9];
ccx a[7],b[8],a[8];
cx a[8],a[7];
cx a[7],b[8];
ccx a[6],b[7],a[7];
cx a[7],a[6];
cx a[6],b[7];
ccx a[5],b[6],a[6];
cx a[6],a[5];
cx a[5],b[6];
ccx a[4],b[5],a[5];
cx a[5],a[4];
cx a[4],b[5];
ccx a[3],b[4],a[4];
cx a[4],a[3];
cx a[3],b[4];
ccx a[2],b[3],a[3];
cx a[3],a[2];
cx a[2],b[3];
ccx a[1],b[2],a[2];
cx a[2],a[1];
cx a[1],b[2];
ccx a[0],b[1],a[1];
cx a[1],a[0];
cx a[0],b[1];
ccx cin[0],b[0],a[0];
cx a[0],cin[0];
cx cin[0],b[0];

measure b[0] -> sum[0];
measure b[1] -> sum[1];
measure b[2] -> sum[2];
measure b[3] -> sum[3];
measure b[4] -> sum[4];
measure b[5] -> sum[5];
measure b[6] -> sum[6];
measure b[7] -> sum[7];
measure b[8] -> sum[8];
measure b[9] -> sum[9];
measure b[10] -> sum[10];
measure b[11] -> sum[11];
measure b[12] -> sum[12];
measure cout[0] -> sum[13];
