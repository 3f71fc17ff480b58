package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
)

// cannotSucceed are the calls whose samples a demo refuses, and what they lack. The page says so.
var cannotSucceed = map[string]string{
	"img/validate":  "the code of a picture",
	"sms/generate":  "the code of a picture",
	"sms/validate":  "the code of an SMS",
	"user/register": "the code of an SMS",
	"user/reset":    "the code of an SMS",
	"user/contact":  "the code of an SMS",
	"user/mail":     "a mail server",
	"user/login":    "the password of an account that was registered",
	"user/password": "the password of an account that was registered",
	"user/delete":   "the password of an account that was registered",
	"pay/settle":    "a payment that its channel does not take back",
	"job/retry":     "a job that failed too often",
}

// tryCall shows a call, has made what its sample needs, sends it as it is filled in, and returns
// what came of it. Nobody is as quick as that: it waits for the limit of requests to pass.
const tryCall = `(async (name) => {
	const until = async (found) => {
		for (let i = 0; i < 1200; i++) {
			const it = found();
			if (it) return it;
			await new Promise((next) => setTimeout(next, 25));
		}
		throw new Error(name + ": " + document.body.innerText);
	};
	location.hash = "calls/" + name;
	const article = await until(() => [...document.querySelectorAll("article")].find((one) => one.querySelector("h2 .key").innerText === name && one.querySelector("form.call")));
	const told = () => article.querySelector(".sample").innerText;
	const make = article.querySelector(".sample button:not(.second)");
	if (make && !make.hidden) {
		make.click();
		await until(() => !make.disabled);
	}
	const said = told();
	article.querySelector("button[type=submit]").click();
	const answer = await until(() => article.querySelector(".answer"));
	return {
		good: answer.classList.contains("good"), bad: answer.classList.contains("bad"), said,
		account: document.querySelector(".account select").selectedOptions[0].text,
		sent: article.querySelector(".sent").innerText, answer: answer.innerText,
	};
})(%q)`

type triedCall struct {
	Good, Bad                   bool
	Said, Account, Sent, Answer string
}

// What the page fills in works as it stands, for every call, as the account that the page takes
// for it; what cannot work says why.
func TestConsoleSamplesSucceed(t *testing.T) {
	t.Parallel()
	r := consoleServer(t)
	p := english.open(t, screens[0], r.URL("/console#calls"))
	p.until(`document.querySelector(".list a") !== null`)
	var names []string
	must(t, json.Unmarshal([]byte(evaluate[string](p, `JSON.stringify([...document.querySelectorAll(".list a")].map((a) => a.hash.slice("#calls/".length)))`)), &names))
	last := []string{"demo/day", "user/logout"} // after these it is another day, and another account
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(last, name) })
	refused := 0
	for _, name := range append(names, last...) {
		got := evaluate[triedCall](p, fmt.Sprintf(tryCall, name))
		lacks, cannot := cannotSucceed[name]
		switch {
		case !cannot && !got.Good:
			t.Errorf("%s as %s: %s\n%s\n%s", name, got.Account, got.Said, got.Sent, got.Answer)
		case cannot && !got.Bad:
			t.Errorf("%s succeeds, though it lacks %s", name, lacks)
		case cannot && got.Said == "":
			t.Errorf("%s does not say that it lacks %s", name, lacks)
		case cannot:
			refused++
		}
	}
	if refused != len(cannotSucceed) {
		t.Errorf("%d of the calls that cannot succeed are there, want %d", refused, len(cannotSucceed))
	}
}
