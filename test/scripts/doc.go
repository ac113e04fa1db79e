// Package scripts runs the built habeas command as a person or a script would,
// from readable files in testdata. It owns what a script may say beyond the
// usual words of testscript:
//
//	serve-start [ARG...]   start a server in $WORK/data and wait until it is ready
//	demo-start [ARG...]    start the demo and wait until it is ready
//	cluster-start          start three NATS servers as docker-compose.yml configures
//	                       them; a server started afterwards uses them
//	serve-stop             stop it as a supervisor would, and want exit code 0
//	serve-kill             stop it as a power cut would
//	code N COMMAND ARG...  run a command and want this exit code
//	http METHOD PATH [FILE] call the server with the operator's token; the answer
//	                       is in stdout, its status in stderr
//	no-trace WORD DIR...   want the bytes of WORD in no file below DIR (I1)
//
// It imports nothing of the product: what cannot be reached from outside cannot
// be tested here. The scripts uphold no invariant; they notice a broken one.
package scripts
