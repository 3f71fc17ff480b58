package config

import "testing"

func TestUnbuilt(t *testing.T) {
	t.Parallel()
	file := write(t, "[server]\nconsole = true")
	tests := []struct {
		name, file string
		environ    []string
		want       string // "": nothing
	}{
		{name: "defaults, with their console"},
		{name: "console switched off", environ: []string{"CAMPUSGATE_SERVER_CONSOLE=false"}},
		{
			name: "console asked for in the file", file: file,
			want: "server.console: the console is not built yet; leave it unset",
		},
		{
			name: "everything",
			environ: []string{
				"CAMPUSGATE_SERVER_CONSOLE=true",
			},
			want: `server.console (CAMPUSGATE_SERVER_CONSOLE): the console is not built yet; leave it unset`,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if err := mustLoad(t, tt.file, tt.environ...).Unbuilt(); err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("Unbuilt gave\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}
