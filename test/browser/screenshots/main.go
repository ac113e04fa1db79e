// Program screenshots takes the pictures of docs/pictures from a running demo,
// in light and dark, so that they show what the pages are and not what they
// were. It starts and ends the demo itself, and owns nothing but the pictures.
// Every person on them is invented. It upholds no invariant.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/habeas-data/habeas/test/browser"
)

func main() {
	command := flag.String("habeas", "../../habeas", "the built command")
	out := flag.String("out", "../../docs/pictures", "folder for the pictures")
	flag.Parse()
	if err := take(*command, *out); err != nil {
		fmt.Fprintln(os.Stderr, "screenshots:", err)
		os.Exit(1)
	}
}

func take(command, out string) (err error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := os.MkdirAll(out, 0o755); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	d, err := browser.StartDemo(ctx, command, "--listen", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() {
		if serr := d.Stop(); err == nil {
			err = serr
		}
	}()
	tab, stop, err := browser.NewTab(ctx, d.Base)
	if err != nil {
		return err
	}
	defer stop()
	if err := chromedp.Do(tab.Ctx, chromedp.EmulateViewport(1100, 900, chromedp.EmulateScale(1)), chromedp.Navigate(d.SignIn)); err != nil {
		return fmt.Errorf("open the sign-in link: %w", err)
	}
	if _, err := chromedp.RunResponse(tab.Ctx, chromedp.Click(chromedp.CSS("main button"))); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	if err := lookUp(tab, d.Base, "priya@example.org"); err != nil {
		return err
	}
	if err := picture(tab, out, "footprint"); err != nil {
		return err
	}
	if _, err := chromedp.RunResponse(tab.Ctx, chromedp.Click(chromedp.CSS(`a[href$="/history"]`))); err != nil {
		return fmt.Errorf("open the timeline: %w", err)
	}
	if err := picture(tab, out, "timeline"); err != nil {
		return err
	}
	if err := lookUp(tab, d.Base, "reception@harbour-practice.example"); err != nil {
		return err
	}
	if _, err := chromedp.RunResponse(tab.Ctx, chromedp.Click(chromedp.CSS(`a[href$="/decide"]`))); err != nil {
		return fmt.Errorf("open the page of decisions: %w", err)
	}
	return picture(tab, out, "decide")
}

func lookUp(tab *browser.Tab, base, email string) error {
	if err := chromedp.Do(tab.Ctx, chromedp.Navigate(base+"/search"),
		chromedp.SendKeys(chromedp.CSS("#value"), email),
		chromedp.SetValue(chromedp.CSS("#kind"), "email"),
		chromedp.SendKeys(chromedp.CSS("#reason"), "access request of 20 March")); err != nil {
		return fmt.Errorf("fill the search in: %w", err)
	}
	if _, err := chromedp.RunResponse(tab.Ctx, chromedp.Click(chromedp.CSS("main button[type=submit]"))); err != nil {
		return fmt.Errorf("look up: %w", err)
	}
	return nil
}

// picture saves what the window shows, once in each colour scheme.
func picture(tab *browser.Tab, out, name string) error {
	for _, scheme := range []string{"light", "dark"} {
		_, err := chromedp.Call(tab.Ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		if err != nil {
			return fmt.Errorf("choose %s: %w", scheme, err)
		}
		png, err := chromedp.Run(tab.Ctx, chromedp.CaptureScreenshot())
		if err != nil {
			return fmt.Errorf("take %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(out, name+"-"+scheme+".png"), png, 0o644); err != nil {
			return fmt.Errorf("save %s: %w", name, err)
		}
	}
	return nil
}
