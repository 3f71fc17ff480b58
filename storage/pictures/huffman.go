package pictures

// huffmanTable decodes the Huffman codes of a JPEG.
type huffmanTable struct {
	short  [256]uint16 // by the next 8 bits: value and length of a code of up to 8 bits, 0 for none
	max    [17]int32   // the largest code of each length, -1 for none
	offset [17]int32   // from a code of that length to its value
	values []byte
}

// newHuffmanTable builds a table from how many codes there are of each length, and
// tells how many values it has. It is nil where they do not fit.
func newHuffmanTable(counts, values []byte) (table *huffmanTable, size int) {
	for _, count := range counts {
		size += int(count)
	}
	if size == 0 || size > 256 || size > len(values) {
		return nil, 0
	}
	table = &huffmanTable{values: values[:size]}
	code, value := int32(0), int32(0)
	for length := 1; length <= 16; length++ {
		count := int32(counts[length-1])
		table.offset[length] = value - code
		table.max[length] = -1
		if count > 0 {
			table.max[length] = code + count - 1
		}
		if code+count > 1<<length {
			return nil, 0
		}
		for range count {
			if length <= 8 {
				entry := uint16(values[value])<<8 | uint16(length) //nolint:gosec // at most 8
				for i := range int32(1) << (8 - length) {
					table.short[code<<(8-length)|i] = entry
				}
			}
			code++
			value++
		}
		code <<= 1
	}
	return table, size
}

// standardTables are those of pictures that bring none (ITU T.81, annex K.3): DC and
// AC, each for brightness and colours.
var standardTables = [4]*huffmanTable{
	standardTable("\x00\x01\x05\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00\x00", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"),
	standardTable("\x00\x03\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00", "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b"),
	standardTable("\x00\x02\x01\x03\x03\x02\x04\x03\x05\x05\x04\x04\x00\x00\x01\x7d",
		"\x01\x02\x03\x00\x04\x11\x05\x12\x21\x31\x41\x06\x13\x51\x61\x07\x22\x71\x14\x32\x81\x91\xa1\x08\x23\x42\xb1\xc1\x15\x52\xd1\xf0"+
			"\x24\x33\x62\x72\x82\x09\x0a\x16\x17\x18\x19\x1a\x25\x26\x27\x28\x29\x2a\x34\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48\x49"+
			"\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x83\x84\x85\x86\x87\x88\x89"+
			"\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3\xc4\xc5"+
			"\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe1\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8"+
			"\xf9\xfa"),
	standardTable("\x00\x02\x01\x02\x04\x04\x03\x04\x07\x05\x04\x04\x00\x01\x02\x77",
		"\x00\x01\x02\x03\x11\x04\x05\x21\x31\x06\x12\x41\x51\x07\x61\x71\x13\x22\x32\x81\x08\x14\x42\x91\xa1\xb1\xc1\x09\x23\x33\x52\xf0"+
			"\x15\x62\x72\xd1\x0a\x16\x24\x34\xe1\x25\xf1\x17\x18\x19\x1a\x26\x27\x28\x29\x2a\x35\x36\x37\x38\x39\x3a\x43\x44\x45\x46\x47\x48"+
			"\x49\x4a\x53\x54\x55\x56\x57\x58\x59\x5a\x63\x64\x65\x66\x67\x68\x69\x6a\x73\x74\x75\x76\x77\x78\x79\x7a\x82\x83\x84\x85\x86\x87"+
			"\x88\x89\x8a\x92\x93\x94\x95\x96\x97\x98\x99\x9a\xa2\xa3\xa4\xa5\xa6\xa7\xa8\xa9\xaa\xb2\xb3\xb4\xb5\xb6\xb7\xb8\xb9\xba\xc2\xc3"+
			"\xc4\xc5\xc6\xc7\xc8\xc9\xca\xd2\xd3\xd4\xd5\xd6\xd7\xd8\xd9\xda\xe2\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xf2\xf3\xf4\xf5\xf6\xf7\xf8"+
			"\xf9\xfa"),
}

func standardTable(counts, values string) *huffmanTable {
	table, _ := newHuffmanTable([]byte(counts), []byte(values))
	return table
}

// jpegBits reads the bits of a scan up to the next marker. Behind them it reads
// zeros, so that a code at the end can be looked up: short tells when they were used.
type jpegBits struct {
	data    []byte
	pos     int
	bits    uint64
	count   int // of bits
	missing int // of them, behind the end
	ended   bool
}

func (b *jpegBits) fill() {
	for b.count <= 48 {
		b.bits <<= 8
		b.count += 8
		if next, ok := b.next(); ok {
			b.bits |= uint64(next)
		} else {
			b.missing += 8
		}
	}
}

// next is the next byte: 0xff is followed by 0, or is a marker.
func (b *jpegBits) next() (byte, bool) {
	if b.ended || b.pos >= len(b.data) {
		return 0, false
	}
	value := b.data[b.pos]
	if value != 0xff {
		b.pos++
		return value, true
	}
	end := b.pos + 1
	for end < len(b.data) && b.data[end] == 0xff {
		end++
	}
	if end < len(b.data) && b.data[end] == 0 {
		b.pos = end + 1
		return value, true
	}
	b.ended = true
	return 0, false
}

func (b *jpegBits) short() bool { return b.count < b.missing }

// take reads up to 16 bits.
func (b *jpegBits) take(count int) int {
	if b.count < count {
		b.fill()
	}
	b.count -= count
	return int(b.bits>>b.count) & (1<<count - 1) //nolint:gosec // a few bits
}

// code reads a Huffman code, or -1.
func (b *jpegBits) code(table *huffmanTable) int {
	if b.count < 16 {
		b.fill()
	}
	if entry := table.short[byte(b.bits>>(b.count-8))]; entry != 0 {
		b.count -= int(entry & 15)
		return int(entry >> 8)
	}
	for length := 9; length <= 16; length++ {
		code := int32(b.bits>>(b.count-length)) & (1<<length - 1) //nolint:gosec // at most 16 bits
		if code <= table.max[length] && code+table.offset[length] >= 0 {
			b.count -= length
			return int(table.values[code+table.offset[length]])
		}
	}
	return -1
}
