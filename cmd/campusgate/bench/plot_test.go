package bench

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"

	"campusgate/cmd/campusgate/campusgatetest"
)

// panel is a plot, with logarithmic axes.
type panel struct {
	title  string
	curves []curve
}

// curve is what a call costs as something grows.
type curve struct {
	name   string
	points []point
}

type point struct{ at, cost float64 }

// plotGrowth draws what calls cost with more rows, with more users, and with more
// connections, into a file.
func plotGrowth(t *testing.T, e effort, file string, byRows, byUsers map[int]side, campus sides) {
	t.Helper()
	rows := grownRows(side{}, side{})
	users := []contest{{name: "product/info", work: productInfo()}, {name: "purchase/apply + pay", work: campusgatetest.Buy}}
	for _, row := range rows {
		if strings.HasSuffix(row.name, "by user") {
			users = append(users, row)
		}
	}
	plot(t, file,
		panel{"median ms of a call, by rows (20 of each user and shop)", timesBySize(t, e, rows, byRows)},
		panel{"median ms of a call, by users (a shop, a product and an order each)", timesBySize(t, e, users, byUsers)},
		panel{"ms of CPU of a call, by connections that never pause", costsByConnections(t, e, campus)},
	)
}

// timesBySize asks campuses of several sizes, on one connection.
func timesBySize(t *testing.T, e effort, calls []contest, campuses map[int]side) (curves []curve) {
	t.Helper()
	for _, call := range calls {
		c := curve{name: call.name}
		for _, size := range slices.Sorted(maps.Keys(campuses)) {
			done, _ := measure(t, e, campuses[size], call.work, 1)
			c.points = append(c.points, point{float64(size), inMilliseconds(percentile(done.times, 50))})
		}
		curves = append(curves, c)
	}
	return curves
}

// costsByConnections asks one campus.
func costsByConnections(t *testing.T, e effort, s sides) (curves []curve) {
	t.Helper()
	for _, call := range callRows(s) {
		if strings.HasSuffix(call.name, "no request log") {
			continue
		}
		c := curve{name: call.name}
		for _, connections := range e.crowds {
			done, cpu := measure(t, e, call.server, call.work, connections)
			c.points = append(c.points, point{float64(connections), max(0.001, cpu/float64(len(done.times)))})
		}
		curves = append(curves, c)
	}
	return curves
}

// measure returns what was done in some slices, and the CPU time of it in milliseconds.
func measure(t *testing.T, e effort, s side, work campusgatetest.Work, connections int) (done round, cpu float64) {
	t.Helper()
	dialed := campusgatetest.Dial(t, s.addresses(), connections)
	defer closeAll(dialed)
	rush(t, dialed, work, e.slice) // warm
	before := s.cpuTime(t)
	done = rush(t, dialed, work, 4*e.slice)
	return done, inMilliseconds(s.cpuTime(t) - before)
}

// plot writes the panels into a file, one below the other.
func plot(t *testing.T, path string, panels ...panel) {
	t.Helper()
	height := 0
	for _, p := range panels {
		height += p.height()
	}
	canvas := image.NewRGBA(image.Rect(0, 0, panelWidth, height))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	top := 0
	for _, p := range panels {
		p.draw(canvas, top)
		top += p.height()
	}
	file, err := os.Create(path)
	must(t, err)
	must(t, png.Encode(file, canvas))
	must(t, file.Close())
}

// Sizes in pixels. Names stand to the right of where their curves end.
const panelWidth, axesWidth, axesHeight, margin, lineHeight = 860, 520, 220, 48, 15

var curveColors = []color.RGBA{
	{0x1a, 0x3f, 0x8f, 0xff},
	{0x9c, 0x1c, 0x32, 0xff},
	{0x12, 0x5c, 0x36, 0xff},
	{0x67, 0x1f, 0x8a, 0xff},
	{0x6f, 0x3c, 0x0b, 0xff},
	{0x33, 0x33, 0x33, 0xff},
	{0x00, 0x6d, 0x77, 0xff},
}

func (panel) height() int { return axesHeight + 2*margin }

// draw draws the panel from top on.
func (p panel) draw(canvas *image.RGBA, top int) {
	low, high := p.bounds()
	place := func(q point) image.Point {
		x := math.Log(q.at/low.at) / math.Log(high.at/low.at)
		y := math.Log(q.cost/low.cost) / math.Log(high.cost/low.cost)
		return image.Pt(margin+int(x*axesWidth), top+margin+axesHeight-int(y*axesHeight))
	}
	for level := low.cost; level <= high.cost*1.01; level *= 10 {
		from := place(point{low.at, level})
		drawLine(canvas, from, place(point{high.at, level}), color.RGBA{0xcc, 0xcc, 0xcc, 0xff})
		drawText(canvas, image.Pt(4, from.Y+4), fmt.Sprintf("%g", level), color.Black)
	}
	for _, q := range p.curves[0].points {
		drawText(canvas, place(point{q.at, low.cost}).Add(image.Pt(-12, 16)), fmt.Sprintf("%.0f", q.at), color.Black)
	}
	drawText(canvas, image.Pt(margin, top+margin/2), p.title, color.Black)
	end := func(c curve) int { return place(c.points[len(c.points)-1]).Y }
	sorted := slices.SortedFunc(slices.Values(p.curves), func(a, b curve) int { return end(a) - end(b) })
	free := top
	for i, c := range sorted {
		ink := curveColors[i%len(curveColors)]
		for j := range c.points[1:] {
			drawLine(canvas, place(c.points[j]), place(c.points[j+1]), ink)
		}
		free = max(free+lineHeight, end(c)+4)
		drawText(canvas, image.Pt(margin+axesWidth+8, free), c.name, ink)
	}
}

// bounds are the ends of the axes: the cost's are powers of ten.
func (p panel) bounds() (low, high point) {
	low = point{math.Inf(1), math.Inf(1)}
	for _, c := range p.curves {
		for _, q := range c.points {
			low = point{min(low.at, q.at), min(low.cost, q.cost)}
			high = point{max(high.at, q.at), max(high.cost, q.cost)}
		}
	}
	low.cost = math.Pow(10, math.Floor(math.Log10(low.cost)))
	high.cost = math.Pow(10, math.Ceil(math.Log10(high.cost)))
	return low, high
}

func drawLine(canvas *image.RGBA, from, to image.Point, ink color.Color) {
	steps := max(1, to.X-from.X, max(to.Y-from.Y, from.Y-to.Y))
	for i := range steps + 1 {
		x, y := from.X+(to.X-from.X)*i/steps, from.Y+(to.Y-from.Y)*i/steps
		canvas.Set(x, y, ink)
		canvas.Set(x, y+1, ink)
	}
}

func drawText(canvas *image.RGBA, at image.Point, text string, ink color.Color) {
	drawer := font.Drawer{Dst: canvas, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y)}
	drawer.DrawString(text)
}
