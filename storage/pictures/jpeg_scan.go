package pictures

import (
	"context"
	"encoding/binary"
)

// jpegScan is a scan of some components, over all their blocks.
type jpegScan struct {
	jpegBits
	components  []scanComponent
	progressive bool
	first, last int  // coefficients, of progressive pictures
	refines     bool // coefficients of earlier scans
	endRun      int  // how many blocks more have no further coefficients
}

type scanComponent struct {
	*jpegComponent
	dc, ac *huffmanTable
}

// scan reads the header of a scan and its codes.
func (f *jpegFile) scan(ctx context.Context) error {
	scan, err := f.scanHeader()
	if err != nil {
		return err
	}
	columns, rows := f.mcusX, f.mcusY
	if len(scan.components) == 1 { // no MCUs, blocks
		columns, rows = scan.components[0].columns, scan.components[0].rows
	}
	left := f.restart
	for y := range rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		for x := range columns {
			if f.restart > 0 && left == 0 {
				scan.atRestart()
				left = f.restart
			}
			left--
			if err := scan.mcu(x, y); err != nil {
				return err
			}
		}
	}
	f.pos = scan.pos
	f.scans++
	return nil
}

func (f *jpegFile) scanHeader() (*jpegScan, error) {
	if f.pos+3 > len(f.data) {
		return nil, ErrPartial
	}
	length, n := int(binary.BigEndian.Uint16(f.data[f.pos:])), int(f.data[f.pos+2])
	if length != 6+2*n || n < 1 || n > len(f.components) {
		return nil, ErrBroken
	}
	if f.pos+length > len(f.data) {
		return nil, ErrPartial
	}
	body := f.data[f.pos+3 : f.pos+length]
	scan := &jpegScan{
		jpegBits: jpegBits{data: f.data, pos: f.pos + length}, progressive: f.progressive,
		first: int(body[2*n]), last: int(body[2*n+1]), refines: body[2*n+2]>>4 != 0,
	}
	blocks := 0
	for i := range n {
		c := f.component(body[2*i])
		tables := body[2*i+1]
		if c == nil || tables>>4 > 3 || tables&15 > 3 {
			return nil, ErrBroken
		}
		if !f.quantized[c.quantization] {
			return nil, ErrPartial
		}
		scan.components = append(scan.components, scanComponent{c, f.dc[tables>>4], f.ac[tables&15]})
		blocks += c.h * c.v
	}
	const maxBlocks = 10 // in an MCU
	if n > 1 && blocks > maxBlocks {
		return nil, ErrBroken
	}
	return scan, f.checkScan(scan)
}

func (f *jpegFile) component(id byte) *jpegComponent {
	for i := range f.components {
		if f.components[i].id == id {
			return &f.components[i]
		}
	}
	return nil
}

// checkScan looks for the tables, and for what only some scans may have.
func (f *jpegFile) checkScan(scan *jpegScan) error {
	const coefficients = 64
	if scan.progressive {
		of := len(scan.components)
		if scan.last < scan.first || scan.last >= coefficients || scan.first == 0 && scan.last != 0 || scan.first > 0 && of > 1 {
			return ErrBroken
		}
	}
	for _, c := range scan.components {
		needDC := !scan.progressive || scan.first == 0 && !scan.refines
		needAC := !scan.progressive || scan.first > 0
		if needDC && c.dc == nil || needAC && c.ac == nil {
			return ErrBroken
		}
		if scan.progressive && c.nonzero == nil {
			c.nonzero = make([]uint64, c.stride*f.mcusY*c.v)
		}
	}
	return nil
}

// atRestart goes on behind the restart marker.
func (s *jpegScan) atRestart() {
	s.bits, s.count, s.missing, s.ended, s.endRun = 0, 0, 0, false, 0
	for at := s.pos; at+1 < len(s.data); at++ {
		if next := s.data[at+1]; s.data[at] == 0xff && next != 0 && next != 0xff {
			if jpegRST0 <= next && next <= jpegRST7 {
				s.pos = at + 2
			}
			return
		}
	}
}

// mcu reads the blocks of a unit: those of each component, or one of the only one.
func (s *jpegScan) mcu(x, y int) error {
	if len(s.components) == 1 {
		c := s.components[0]
		return s.block(c, y*c.stride+x)
	}
	for _, c := range s.components {
		for v := range c.v {
			for h := range c.h {
				if err := s.block(c, (y*c.v+v)*c.stride+x*c.h+h); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *jpegScan) block(c scanComponent, at int) error {
	ok := true
	switch {
	case !s.progressive:
		ok = s.baseline(c)
	case s.first == 0 && s.refines:
		s.take(1)
	case s.first == 0:
		ok = s.difference(c)
	case s.refines:
		ok = s.refine(c, &c.nonzero[at])
	default:
		ok = s.coefficients(c, &c.nonzero[at])
	}
	if s.short() || !ok {
		return ErrPartial
	}
	return nil
}

// difference reads a DC coefficient.
func (s *jpegScan) difference(c scanComponent) bool {
	size := s.code(c.dc)
	if size < 0 || size > 16 {
		return false
	}
	s.take(size)
	return true
}

func (s *jpegScan) baseline(c scanComponent) bool {
	if !s.difference(c) {
		return false
	}
	for k := 1; k < 64; k++ {
		code := s.code(c.ac)
		if code < 0 {
			return false
		}
		run, size := code>>4, code&15
		if size == 0 && run != 15 {
			return true // the end of the block
		}
		k += run
		s.take(size)
	}
	return true
}

// coefficients reads AC coefficients for the first time.
func (s *jpegScan) coefficients(c scanComponent, nonzero *uint64) bool {
	if s.endRun > 0 {
		s.endRun--
		return true
	}
	for k := s.first; k <= s.last; k++ {
		code := s.code(c.ac)
		if code < 0 {
			return false
		}
		run, size := code>>4, code&15
		if size == 0 && run != 15 {
			s.endRun = 1<<run + s.take(run) - 1
			return true
		}
		k += run
		if size > 0 && k < 64 {
			s.take(size)
			*nonzero |= 1 << k
		}
	}
	return true
}

// refine reads a further bit of each coefficient that is not 0, and those that
// become so.
func (s *jpegScan) refine(c scanComponent, nonzero *uint64) bool {
	k := s.first
	for ; s.endRun == 0 && k <= s.last; k++ {
		code := s.code(c.ac)
		if code < 0 {
			return false
		}
		run, size := code>>4, code&15
		if size == 0 && run != 15 {
			s.endRun = 1<<run + s.take(run)
			break
		}
		if size > 0 {
			s.take(1)
		}
		for ; k <= s.last; k++ {
			if *nonzero>>k&1 != 0 {
				s.take(1)
			} else if run--; run < 0 {
				break
			}
		}
		if size > 0 && k < 64 {
			*nonzero |= 1 << k
		}
	}
	if s.endRun == 0 {
		return true
	}
	for ; k <= s.last; k++ {
		if *nonzero>>k&1 != 0 {
			s.take(1)
		}
	}
	s.endRun--
	return true
}
