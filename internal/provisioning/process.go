package provisioning

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Process tells this process from others, so that the lease of a dead one can be taken over at once. The zero Process reads the system's /proc; without
// one (other systems than Linux) a dead holder is noticed when its lease expires.
type Process struct {
	Proc string // folder of the proc file system; empty: /proc
	PID  int    // 0: this process
}

func (p Process) lease(holder string) Lease {
	l := Lease{Holder: holder, Host: p.host(), PID: p.pid()}
	l.Started, _ = p.started(l.PID)
	return l
}

// dead reports whether the lease's holder is known to be dead: a process of this machine (and of this container) whose id is free, or was given to another.
func (p Process) dead(l Lease) bool {
	if l.Started == "" || l.Host != p.host() {
		return false
	}
	started, err := p.started(l.PID)
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return err == nil && started != l.Started
}

func (p Process) pid() int {
	if p.PID != 0 {
		return p.PID
	}
	return os.Getpid()
}

func (p Process) file(parts ...string) string {
	root := p.Proc
	if root == "" {
		root = "/proc"
	}
	return filepath.Join(append([]string{root}, parts...)...)
}

// host names the machine since its last boot and the process namespace, because a process id means something else in another container or after a boot.
func (p Process) host() string {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	boot, err := os.ReadFile(p.file("sys", "kernel", "random", "boot_id"))
	if err != nil {
		return name
	}
	namespace, err := os.Readlink(p.file("self", "ns", "pid"))
	if err != nil {
		namespace = "pid"
	}
	return name + " " + strings.TrimSpace(string(boot)) + " " + namespace
}

// hostName is the part of a lease's host that a person knows.
func hostName(host string) string {
	name, _, _ := strings.Cut(host, " ")
	return name
}

// started is the start time of a process in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)). The second field is the program's name in
// parentheses and may contain anything, so fields are counted after the last one. A zombie counts as gone.
func (p Process) started(pid int) (string, error) {
	stat, err := os.ReadFile(p.file(strconv.Itoa(pid), "stat"))
	if err != nil {
		return "", err
	}
	end := bytes.LastIndexByte(stat, ')')
	fields := strings.Fields(string(stat[end+1:]))
	const state, start = 0, 19 // fields 3 and 22 of the line
	if end < 0 || len(fields) <= start {
		return "", errors.New("cannot read the start time of process " + strconv.Itoa(pid))
	}
	if fields[state] == "Z" || fields[state] == "X" {
		return "", fs.ErrNotExist
	}
	return fields[start], nil
}
