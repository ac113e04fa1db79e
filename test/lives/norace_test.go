//go:build !race

package lives

// usual is how many lives are drawn when nobody says.
const usual = 3000
