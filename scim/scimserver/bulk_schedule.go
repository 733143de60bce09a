package scimserver

import (
	"container/heap"
	"slices"
)

// schedule puts n operations into the order in which they are carried out. after(i) are the operations that i has to wait for, itself if it refers to
// itself. Operations stay in their order, except that one that waits moves behind what it waits for. Operations that wait for one another in a circle
// form one step, with more than one operation or one that waits for itself; it takes the place of its last operation.
func schedule(n int, after func(i int) []int) [][]int {
	s := circles{after: after, seen: make([]int, n), low: make([]int, n), step: make([]int, n)}
	for i := range n {
		if s.seen[i] == 0 {
			s.visit(i)
		}
	}
	waiting := make([]int, len(s.steps))
	followers := make([][]int, len(s.steps))
	for step, members := range s.steps {
		slices.Sort(members)
		for _, i := range members {
			for _, j := range after(i) {
				if first := s.step[j]; first != step {
					waiting[step]++
					followers[first] = append(followers[first], step)
				}
			}
		}
	}
	ready := &readySteps{steps: s.steps}
	for step, n := range waiting {
		if n == 0 {
			heap.Push(ready, step)
		}
	}
	order := make([][]int, 0, len(s.steps))
	for ready.Len() > 0 {
		step, _ := heap.Pop(ready).(int)
		order = append(order, s.steps[step])
		for _, f := range followers[step] {
			if waiting[f]--; waiting[f] == 0 {
				heap.Push(ready, f)
			}
		}
	}
	return order
}

// circles finds the strongly connected components of a graph by Tarjan's algorithm.
type circles struct {
	after     func(i int) []int
	seen, low []int // seen counts from 1; 0: not yet
	stack     []int
	step      []int // component of an operation; while it is on the stack, 0 means nothing
	steps     [][]int
	count     int
}

func (s *circles) visit(i int) {
	s.count++
	s.seen[i], s.low[i] = s.count, s.count
	s.stack = append(s.stack, i)
	s.step[i] = -1
	for _, j := range s.after(i) {
		switch {
		case s.seen[j] == 0:
			s.visit(j)
			s.low[i] = min(s.low[i], s.low[j])
		case s.step[j] < 0: // still on the stack
			s.low[i] = min(s.low[i], s.seen[j])
		}
	}
	if s.low[i] != s.seen[i] {
		return
	}
	at := len(s.stack) - 1
	for s.stack[at] != i {
		at--
	}
	members := slices.Clone(s.stack[at:])
	s.stack = s.stack[:at]
	for _, j := range members {
		s.step[j] = len(s.steps)
	}
	s.steps = append(s.steps, members)
}

// readySteps is a heap of the steps that wait for nothing, the one that ends first in front.
type readySteps struct {
	steps [][]int
	heap  []int
}

func (r *readySteps) Len() int { return len(r.heap) }

func (r *readySteps) Less(i, j int) bool { return r.last(i) < r.last(j) }

func (r *readySteps) last(i int) int {
	members := r.steps[r.heap[i]]
	return members[len(members)-1]
}

func (r *readySteps) Swap(i, j int) { r.heap[i], r.heap[j] = r.heap[j], r.heap[i] }

// Push implements heap.Interface.
func (r *readySteps) Push(x any) {
	step, _ := x.(int)
	r.heap = append(r.heap, step)
}

// Pop implements heap.Interface.
func (r *readySteps) Pop() any {
	last := len(r.heap) - 1
	x := r.heap[last]
	r.heap = r.heap[:last]
	return x
}
