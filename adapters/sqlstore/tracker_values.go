package sqlstore

import (
	"net/netip"
	"strconv"
	"time"

	"github.com/arturoeanton/nflow-runtime/ports"
)

// trackerTexts are the values of a row that are texts, by their place.
func trackerTexts(r *ports.TrackerRow) [logValues]string {
	return [logValues]string{
		r.LogID, r.BoxID, r.BoxName, r.BoxType, r.URL, r.Username, r.ConnectionNext, "", "",
		r.Payload, r.IP, r.RealIP, r.UserAgent, r.QueryParam, r.Hostname, r.Host,
	}
}

// appendCell spells the value of a column as a text. Whoever reads it as another
// type takes an empty one as NULL.
func (c trackerColumn) appendCell(b []byte, r *ports.TrackerRow, texts *[logValues]string) []byte {
	switch c.place {
	case durationColumn:
		return c.appendDuration(b, r.Duration)
	case orderColumn:
		return strconv.AppendInt(b, int64(r.Order), 10)
	case createdColumn:
		return c.appendTime(b, r.Created)
	}
	text := texts[c.place]
	if c.kind == kindAddress {
		if _, err := netip.ParseAddr(text); err != nil {
			return b
		}
	}
	return append(b, clean(text)...)
}

// appendDuration spells milliseconds, in texts as the designer does: 12m.
func (c trackerColumn) appendDuration(b []byte, d time.Duration) []byte {
	switch c.kind {
	case kindDecimal:
		return strconv.AppendFloat(b, float64(d.Microseconds())/1000, 'f', 3, 64)
	case kindSpan:
		return append(strconv.AppendInt(b, d.Microseconds(), 10), " microseconds"...)
	case kindWhole:
		return strconv.AppendInt(b, d.Milliseconds(), 10)
	}
	return append(strconv.AppendInt(b, d.Milliseconds(), 10), 'm')
}

// trackerTime is how both engines understand a time, and how texts sort: UTC.
const trackerTime = "2006-01-02 15:04:05.000"

// appendTime spells a time, in numbers as Unix seconds.
func (c trackerColumn) appendTime(b []byte, t time.Time) []byte {
	switch {
	case t.IsZero():
		return b
	case c.kind == kindWhole:
		return strconv.AppendInt(b, t.Unix(), 10)
	case c.kind == kindDecimal:
		return strconv.AppendFloat(b, float64(t.UnixMilli())/1000, 'f', 3, 64)
	case c.kind == kindTime && c.cast == "timestamp with time zone":
		return t.UTC().AppendFormat(b, time.RFC3339Nano)
	}
	return t.UTC().AppendFormat(b, trackerTime)
}

// cell is the value of a column for a placeholder: a text, a number or NULL.
func (c trackerColumn) cell(r *ports.TrackerRow, texts *[logValues]string) any {
	switch c.place {
	case orderColumn:
		if c.kind != kindText {
			return int64(r.Order)
		}
	case durationColumn:
		if c.kind == kindWhole {
			return r.Duration.Milliseconds()
		}
	case createdColumn:
		if r.Created.IsZero() {
			return nil
		}
	default:
		if c.kind == kindText {
			return clean(texts[c.place])
		}
	}
	text := string(c.appendCell(nil, r, texts))
	if text == "" && c.kind != kindText {
		return nil
	}
	return text
}

// appendElement appends a text and a comma, as an element of an array in the
// spelling of PostgreSQL.
func appendElement(b, text []byte) []byte {
	b = append(b, '"')
	from := 0
	for i, c := range text {
		if c == '"' || c == '\\' {
			b = append(append(b, text[from:i]...), '\\')
			from = i
		}
	}
	return append(append(b, text[from:]...), '"', ',')
}
