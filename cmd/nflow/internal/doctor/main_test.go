package doctor

import (
	"testing"

	"github.com/arturoeanton/nflow-runtime/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }
