package pack

import (
	"fmt"
	"io"
	"strings"
)

const accessText = `This package is the answer of %s to your request for your data.

Begin with index.html: open it in any browser. It needs no connection and
contains no program. answer.pdf says the same on pages, for printing and for
screen readers.

answer.json and answer.csv have the same for machines and spreadsheets.
The folder copies has the data itself, one folder for each system, as the system
keeps it.
`

const portableText = `This package has the data that you gave to %s or that was observed
of you, in a form that machines can read, so that you can take it elsewhere.

portability.json says what each part is; portability.csv has the same as a
table. The folder copies has the data itself, one folder for each system.
`

const checkText = `
manifest.json names every file with its size and its SHA-256 hash. manifest.sig
is the signature of the manifest: whoever has our public key can check that
nothing was changed.

Keep the package where only you can read it. Once it is unpacked it is no longer
encrypted.
`

func readme(w io.Writer, organisation, text string) error {
	_, err := io.WriteString(w, strings.ReplaceAll(fmt.Sprintf(text, organisation)+checkText, "\n", "\r\n"))
	return err
}
