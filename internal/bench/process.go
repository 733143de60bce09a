package bench

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a `rollcall serve` of our own binary, started for the measurement and ended by it.
type process struct {
	cmd *exec.Cmd
	url string
}

const readyWithin = 60 * time.Second

// startServer starts a server on a free loopback port and waits until it says that it listens.
func startServer(ctx context.Context, dir, database string, extra ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find our own binary: %w", err)
	}
	args := append([]string{"serve", "--data", dir, "--listen", "127.0.0.1:0", "--scim-rate-limit", "0"}, extra...)
	if database != "" {
		args = append(args, "--database", database)
	}
	cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // our own binary, with arguments of ours
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = readyWithin
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the server: %w", err)
	}
	ready := make(chan string, 1)
	go func() {
		defer close(ready)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if url, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				ready <- url
			}
		}
		_, _ = io.Copy(io.Discard, out)
	}()
	select {
	case url, ok := <-ready:
		if ok {
			return &process{cmd: cmd, url: url}, nil
		}
		return nil, fmt.Errorf("the server ended before it listened: %w", cmd.Wait())
	case <-time.After(readyWithin):
		p := &process{cmd: cmd}
		p.stop()
		return nil, fmt.Errorf("the server did not listen within %s", readyWithin)
	}
}

// stop ends the server and waits for it.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // an ended process is fine
	_ = p.cmd.Wait()
}

// rss is the resident memory in megabytes, 0 where the system does not tell.
func (p *process) rss() float64 {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "status"))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			if err == nil {
				return float64(kb) / 1024
			}
		}
	}
	return 0
}

const ticksPerSecond = 100 // USER_HZ, the same on every Linux

// cpu is the processor time used so far, 0 where the system does not tell.
func (p *process) cpu() time.Duration {
	data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(p.cmd.Process.Pid), "stat"))
	if err != nil {
		return 0
	}
	_, rest, ok := strings.Cut(string(data), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 13 {
		return 0
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		return 0
	}
	return time.Duration(user+system) * time.Second / ticksPerSecond
}

// Machine says where the figures come from.
func Machine() string {
	model := "unknown processor"
	if data, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(data)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%d × %s, %s/%s, %s", runtime.NumCPU(), model, runtime.GOOS, runtime.GOARCH, runtime.Version())
}
