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
				"CAMPUSGATE_PICTURES_STORE=cos", "CAMPUSGATE_COS_BUCKET_URL=https://example.org",
				"CAMPUSGATE_COS_SECRET_ID=id", "CAMPUSGATE_COS_SECRET_KEY=key",
				"CAMPUSGATE_SMS_DRIVER=tencent", "CAMPUSGATE_SMS_SECRET_ID=id", "CAMPUSGATE_SMS_SECRET_KEY=key",
				"CAMPUSGATE_SMS_APP_ID=1", "CAMPUSGATE_SMS_SIGN=s", "CAMPUSGATE_SMS_TEMPLATE_ID=1", "CAMPUSGATE_SMS_REGION=r",
				"CAMPUSGATE_SERVER_CONSOLE=true",
			},
			want: `pictures.store (CAMPUSGATE_PICTURES_STORE): "cos" is not built yet; use "disk"
sms.driver (CAMPUSGATE_SMS_DRIVER): "tencent" is not built yet; use "log"
server.console (CAMPUSGATE_SERVER_CONSOLE): the console is not built yet; leave it unset`,
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
