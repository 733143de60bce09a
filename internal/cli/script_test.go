package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary be the rollcall program: for scripts, and for tests that kill it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"rollcall": func() { os.Exit(Main()) }})
}

// TestScripts runs testdata/script/*.txtar. Commands of our own:
//
//	server NAME ARGS…    start `rollcall serve` on a free port; $NAME_URL is its address. It is ended with the script.
//	json FILE PATH WANT  the last JSON document of FILE has WANT at PATH (dots between names, numbers for elements; len for the length of a list)
//	exits STATUS PROGRAM ARGS…  run the program and require the exit status; stdout and stderr are those of the program
//	get STATUS URL TOKEN  require the status of a GET with the bearer token ("none": without); stdout is the body
//	post STATUS URL TOKEN FILE   the same for a POST of the file
//	field NAME FILE KEY  $NAME is the string at KEY of the JSON document in FILE
//	edit FILE OLD NEW    replace OLD by NEW everywhere in the JSON document in FILE: in its texts, so that quotes are no matter
//	writesecret FILE X   FILE holds X and a newline
//	eventually D PROGRAM ARGS…  run the program until it exits 0, for at most D
//	secret NAME FILE     $NAME is the "secret" of the JSON document in FILE
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			e.Setenv("HOME", e.WorkDir)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"server": scriptServer, "json": scriptJSON, "secret": scriptSecret, "exits": scriptExits,
			"get": scriptGet, "post": scriptPost, "field": scriptField, "writesecret": scriptWriteSecret, "edit": scriptEdit, "eventually": scriptEventually,
		},
	})
}

const serverReadyWithin = 30 * time.Second

// startServe runs `rollcall serve` in a process of its own until it listens, and returns its address and how to end it.
func startServe(program, dir string, environment, args []string) (url string, stop func(os.Signal) error, err error) {
	cmd := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	cmd.Dir, cmd.Env, cmd.Stderr = dir, environment, os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func(s os.Signal) error {
		_ = cmd.Process.Signal(s)
		return cmd.Wait()
	}
	ready := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if u, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				ready <- u
			}
		}
	}()
	select {
	case url := <-ready:
		return url, stop, nil
	case <-time.After(serverReadyWithin):
		return "", nil, fmt.Errorf("the server was not ready in %s: %v", serverReadyWithin, stop(syscall.SIGKILL))
	}
}

func scriptServer(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: server NAME ARGS…")
	}
	program, err := exec.LookPath("rollcall")
	ts.Check(err)
	environment := append(os.Environ(), "HOME="+ts.Getenv("WORK"), "ROLLCALL_DATABASE="+ts.Getenv("ROLLCALL_DATABASE"))
	url, stop, err := startServe(program, ts.Getenv("WORK"), environment, args[1:])
	ts.Check(err)
	ts.Setenv(args[0]+"_URL", url)
	ts.Defer(func() {
		if err := stop(syscall.SIGTERM); err != nil {
			ts.Fatalf("the server %s did not end well after SIGTERM: %v", args[0], err)
		}
	})
}

// lastJSON is the last line of a file as JSON.
func lastJSON(ts *testscript.TestScript, file string) any {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(file)), "\n")
	var doc any
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &doc); err != nil {
		ts.Fatalf("%s does not end in a JSON document: %v\n%s", file, err, lines[len(lines)-1])
	}
	return doc
}

func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: json FILE PATH WANT")
	}
	doc := lastJSON(ts, args[0])
	for name := range strings.SplitSeq(args[1], ".") {
		switch v := doc.(type) {
		case map[string]any:
			doc = v[name]
		case []any:
			var i int
			if name == "len" {
				doc = float64(len(v))
			} else if _, err := fmt.Sscan(name, &i); err == nil && i < len(v) {
				doc = v[i]
			} else {
				doc = nil
			}
		default:
			doc = nil
		}
	}
	got := fmt.Sprint(doc)
	if doc == nil {
		got = "null"
	}
	if (got == args[2]) == neg {
		ts.Fatalf("%s: %s is %s; want %s (negated: %v)\n%s", args[0], args[1], got, args[2], neg, ts.ReadFile(args[0]))
	}
}

func scriptSecret(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: secret NAME FILE")
	}
	scriptField(ts, neg, append(args, "secret"))
}

func scriptField(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: field NAME FILE KEY")
	}
	doc, _ := lastJSON(ts, args[1]).(map[string]any)
	value, _ := doc[args[2]].(string)
	if value == "" {
		ts.Fatalf("%s has no %s", args[1], args[2])
	}
	ts.Setenv(args[0], value)
}

func scriptWriteSecret(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: writesecret FILE SECRET")
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(args[1]+"\n"), 0o600))
}

func scriptGet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: get STATUS URL TOKEN")
	}
	scriptRequest(ts, http.MethodGet, "", args)
}

func scriptPost(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: post STATUS URL TOKEN FILE")
	}
	scriptRequest(ts, http.MethodPost, ts.ReadFile(args[3]), args)
}

func scriptRequest(ts *testscript.TestScript, method, text string, args []string) {
	req, err := http.NewRequest(method, args[1], strings.NewReader(text))
	ts.Check(err)
	if args[2] != "none" {
		req.Header.Set("Authorization", "Bearer "+args[2])
	}
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	ts.Check(err)
	_, err = ts.Stdout().Write(body)
	ts.Check(err)
	if got := strconv.Itoa(res.StatusCode); got != args[0] {
		ts.Fatalf("%s %s: status %s; want %s\n%s", method, args[1], got, args[0], body)
	}
}

func scriptEventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: eventually DURATION PROGRAM ARGS…")
	}
	limit, err := time.ParseDuration(args[0])
	ts.Check(err)
	for began := time.Now(); ; {
		if err = ts.Exec(args[1], args[2:]...); err == nil {
			ts.Logf("after %s", time.Since(began).Round(time.Millisecond))
			return
		}
		if time.Since(began) > limit {
			ts.Fatalf("not within %s: %v", limit, err)
		}
	}
}

func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS PROGRAM ARGS…")
	}
	status := "0"
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		status = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if status != args[0] {
		ts.Fatalf("exit status %s; want %s", status, args[0])
	}
}

func scriptEdit(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: edit FILE OLD NEW")
	}
	before := ts.ReadFile(args[0])
	quoted := func(text string) string {
		q, err := json.Marshal(text)
		ts.Check(err)
		return strings.Trim(string(q), `"`)
	}
	after := strings.ReplaceAll(before, quoted(args[1]), quoted(args[2]))
	if after == before {
		ts.Fatalf("%s does not hold %s", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(after), 0o600))
}
