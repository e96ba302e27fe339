package boxinit

// Message builds and reads what crosses the control socket: integers of eight
// bytes, little end first, and strings with their length before them. Reading
// past the end sets Bad and gives zero values.
type Message struct {
	B   []byte
	Bad bool
}

// Int appends n.
func (m *Message) Int(n int64) {
	for range 8 {
		m.B = append(m.B, byte(n))
		n >>= 8
	}
}

// Str appends s.
func (m *Message) Str(s string) { m.Int(int64(len(s))); m.B = append(m.B, s...) }

// Bool appends b.
func (m *Message) Bool(b bool) {
	if b {
		m.Int(1)
	} else {
		m.Int(0)
	}
}

// Strs appends ss.
func (m *Message) Strs(ss []string) {
	m.Int(int64(len(ss)))
	for _, s := range ss {
		m.Str(s)
	}
}

// NextInt reads an integer.
func (m *Message) NextInt() int64 {
	if len(m.B) < 8 {
		m.Bad = true
		return 0
	}
	var n int64
	for i := range 8 {
		n |= int64(m.B[i]) << (8 * i)
	}
	m.B = m.B[8:]
	return n
}

// NextStr reads a string.
func (m *Message) NextStr() string {
	n := m.NextInt()
	if n < 0 || n > int64(len(m.B)) {
		m.Bad = true
		return ""
	}
	s := string(m.B[:n])
	m.B = m.B[n:]
	return s
}

// NextBool reads a boolean.
func (m *Message) NextBool() bool { return m.NextInt() != 0 }

// NextStrs reads a list.
func (m *Message) NextStrs() []string {
	n := m.NextInt()
	if n < 0 || n > int64(len(m.B)) {
		m.Bad = true
		return nil
	}
	ss := make([]string, 0, n)
	for range n {
		ss = append(ss, m.NextStr())
	}
	return ss
}

func (m *Message) pairs(ps [][2]string) {
	m.Int(int64(len(ps)))
	for _, p := range ps {
		m.Str(p[0])
		m.Str(p[1])
	}
}

func (m *Message) nextPairs() [][2]string {
	n := m.NextInt()
	if n < 0 || n > int64(len(m.B)) {
		m.Bad = true
		return nil
	}
	ps := make([][2]string, n)
	for i := range ps {
		ps[i] = [2]string{m.NextStr(), m.NextStr()}
	}
	return ps
}

// Encode appends s.
func (s *Setup) Encode(m *Message) {
	m.Int(int64(len(s.Trees)))
	for _, t := range s.Trees {
		m.Str(t.Host)
		m.Str(t.Box)
		m.Bool(t.Passed)
		m.Bool(t.Device)
		m.Bool(t.Overlay)
	}
	m.pairs(s.Links)
	m.pairs(s.Files)
	m.Strs(s.Writable)
	m.Int(s.Disk)
	m.Int(s.Inodes)
	m.Bool(s.Watch)
	m.Int(s.Memory)
	m.Str(string(s.Filter))
	m.Bool(s.Landlock)
	m.Int(int64(len(s.CPUs)))
	for _, c := range s.CPUs {
		m.Int(c)
	}
}

// Decode reads s.
func (s *Setup) Decode(m *Message) {
	n := m.NextInt()
	for i := int64(0); i < n && !m.Bad; i++ {
		s.Trees = append(s.Trees, Tree{Host: m.NextStr(), Box: m.NextStr(), Passed: m.NextBool(), Device: m.NextBool(), Overlay: m.NextBool()})
	}
	s.Links = m.nextPairs()
	s.Files = m.nextPairs()
	s.Writable = m.NextStrs()
	s.Disk = m.NextInt()
	s.Inodes = m.NextInt()
	s.Watch = m.NextBool()
	s.Memory = m.NextInt()
	s.Filter = []byte(m.NextStr())
	s.Landlock = m.NextBool()
	for n := m.NextInt(); n > 0 && !m.Bad; n-- {
		s.CPUs = append(s.CPUs, m.NextInt())
	}
}

// Encode appends s.
func (s *Start) Encode(m *Message) {
	m.Strs(s.Args)
	m.Strs(s.Env)
	m.Str(s.Dir)
	for _, n := range []int64{s.CPU, s.Wall, s.Memory, s.FileSize, s.Procs, s.Files} {
		m.Int(n)
	}
}

// Decode reads s.
func (s *Start) Decode(m *Message) {
	s.Args, s.Env, s.Dir = m.NextStrs(), m.NextStrs(), m.NextStr()
	for _, n := range []*int64{&s.CPU, &s.Wall, &s.Memory, &s.FileSize, &s.Procs, &s.Files} {
		*n = m.NextInt()
	}
}

// Encode appends e.
func (e *End) Encode(m *Message) {
	for _, n := range []int64{e.Why, e.Status, e.Wall, e.CPU, e.MaxRSS} {
		m.Int(n)
	}
	m.Bool(e.DiskFull)
	m.Bool(e.FilesFull)
	m.Str(e.Message)
}

// Decode reads e.
func (e *End) Decode(m *Message) {
	for _, n := range []*int64{&e.Why, &e.Status, &e.Wall, &e.CPU, &e.MaxRSS} {
		*n = m.NextInt()
	}
	e.DiskFull, e.FilesFull, e.Message = m.NextBool(), m.NextBool(), m.NextStr()
}
