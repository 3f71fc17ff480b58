package main

import (
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// curve is what a call costs as something grows.
type curve struct {
	name   string
	points []point
}

// point is a median time, at so many rows or connections.
type point struct{ at, milliseconds float64 }

// plotGrowth draws how the calls of grownRows take longer with more rows, each of
// one connection, and how product/info does with more connections. The file is
// BENCH_PLOT, or a forgotten one.
func plotGrowth(t *testing.T, e effort, campuses map[int]side) {
	t.Helper()
	var byRows []curve
	sizes := make([]int, 0, len(campuses))
	for rows := range campuses {
		sizes = append(sizes, rows)
	}
	slices.Sort(sizes)
	for i, row := range grownRows(side{}, side{}) {
		byRows = append(byRows, curve{name: row.name})
		for _, rows := range sizes {
			byRows[i].points = append(byRows[i].points, point{float64(rows), medianTime(t, e, campuses[rows], row.work, 1)})
		}
	}
	info := asking(posting("/get/product"+campusQuery(0), envelope("product/info", fmt.Sprintf(`{"product_id":%d}`, campusProduct(0)))), 200)
	byConnections := curve{name: "product/info"}
	for _, connections := range []int{1, 4, 16, 64, 256} {
		milliseconds := medianTime(t, e, campuses[sizes[0]], info, connections)
		byConnections.points = append(byConnections.points, point{float64(connections), milliseconds})
	}
	canvas := image.NewRGBA(image.Rect(0, 0, 2*panelWidth, panelHeight))
	draw.Draw(canvas, canvas.Bounds(), image.White, image.Point{}, draw.Src)
	plotPanel(canvas, 0, "ms a call, by rows (and a user and a shop for each 20)", byRows)
	plotPanel(canvas, panelWidth, "ms a call, by connections that never pause", []curve{byConnections})
	name := os.Getenv("BENCH_PLOT")
	if name == "" {
		name = filepath.Join(t.TempDir(), "growth.png")
	}
	file, err := os.Create(name)
	must(t, err)
	must(t, png.Encode(file, canvas))
	must(t, file.Close())
}

func medianTime(t *testing.T, e effort, s side, work work, connections int) float64 {
	t.Helper()
	dialed := dial(t, s.addresses(), connections)
	defer closeAll(dialed)
	rush(t, dialed, work, e.slice) // warm
	return inMilliseconds(percentile(rush(t, dialed, work, time.Duration(e.rounds)*e.slice/2).times, 50))
}

const panelWidth, panelHeight, panelMargin = 520, 360, 44

var curveColors = []color.RGBA{
	{0x1a, 0x3f, 0x8f, 0xff},
	{0x9c, 0x1c, 0x32, 0xff},
	{0x12, 0x5c, 0x36, 0xff},
	{0x67, 0x1f, 0x8a, 0xff},
	{0x6f, 0x3c, 0x0b, 0xff},
	{0x33, 0x33, 0x33, 0xff},
}

// plotPanel draws curves on logarithmic axes, from left on.
func plotPanel(canvas *image.RGBA, left int, title string, curves []curve) {
	low, high := point{math.Inf(1), math.Inf(1)}, point{}
	for _, c := range curves {
		for _, p := range c.points {
			low = point{min(low.at, p.at), min(low.milliseconds, p.milliseconds)}
			high = point{max(high.at, p.at), max(high.milliseconds, p.milliseconds)}
		}
	}
	low.milliseconds = math.Pow(10, math.Floor(math.Log10(low.milliseconds)))
	high.milliseconds = math.Pow(10, math.Ceil(math.Log10(high.milliseconds)))
	place := func(p point) image.Point {
		x := math.Log(p.at/low.at) / math.Log(high.at/low.at)
		y := math.Log(p.milliseconds/low.milliseconds) / math.Log(high.milliseconds/low.milliseconds)
		return image.Pt(left+panelMargin+int(x*(panelWidth-2*panelMargin)), panelHeight-panelMargin-int(y*(panelHeight-2*panelMargin)))
	}
	gray := color.RGBA{0xcc, 0xcc, 0xcc, 0xff}
	for level := low.milliseconds; level <= high.milliseconds*1.01; level *= 10 {
		from := place(point{low.at, level})
		plotLine(canvas, from, place(point{high.at, level}), gray)
		plotText(canvas, image.Pt(left+4, from.Y+4), fmt.Sprintf("%g", level), color.Black)
	}
	for _, p := range curves[0].points {
		at := place(point{p.at, low.milliseconds})
		plotText(canvas, at.Add(image.Pt(-12, 16)), fmt.Sprintf("%.0f", p.at), color.Black)
	}
	plotText(canvas, image.Pt(left+panelMargin, 16), title, color.Black)
	for i, c := range curves {
		ink := curveColors[i%len(curveColors)]
		plotText(canvas, image.Pt(left+panelMargin+8, panelMargin+14*(i+1)), c.name, ink)
		for j := range c.points[1:] {
			plotLine(canvas, place(c.points[j]), place(c.points[j+1]), ink)
		}
	}
}

func plotLine(canvas *image.RGBA, from, to image.Point, ink color.Color) {
	steps := max(1, to.X-from.X, max(to.Y-from.Y, from.Y-to.Y))
	for i := range steps + 1 {
		x, y := from.X+(to.X-from.X)*i/steps, from.Y+(to.Y-from.Y)*i/steps
		canvas.Set(x, y, ink)
		canvas.Set(x, y+1, ink)
	}
}

func plotText(canvas *image.RGBA, at image.Point, text string, ink color.Color) {
	drawer := font.Drawer{Dst: canvas, Src: image.NewUniform(ink), Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y)}
	drawer.DrawString(text)
}
