package app

import (
	"context"

	"github.com/arturoeanton/nflow-runtime/domain/payload"
)

// sessionFunctions read and change the visitor's session by section:
// set_session(name, key, value), get_session(name, key) ("" when missing),
// open_session(name) -> object, save_session(name, object) merges,
// delete_session(name), and open/delete_session_form for the parked form.
func sessionFunctions() map[string]hostCall {
	return map[string]hostCall{
		"set_session": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "session")
			if err != nil {
				return payload.Value{}, err
			}
			key, err := a.required(1, "key")
			if err != nil {
				return payload.Value{}, err
			}
			return h.changeSession(ctx, sessionChange{name, key, payload.Trusted(a.at(2).Bytes())})
		},
		"get_session": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			section, err := h.session.section(ctx, a.text(0))
			if err != nil {
				return payload.Value{}, err
			}
			if v, ok := section.Field(a.text(1)); ok {
				return v, nil
			}
			return payload.Text(""), nil
		},
		"open_session": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			return h.session.section(ctx, a.text(0))
		},
		"save_session": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "session")
			if err != nil {
				return payload.Value{}, err
			}
			fields, err := a.object(1, "values")
			if err != nil {
				return payload.Value{}, err
			}
			for key, value := range fields.Fields() {
				if err := h.session.change(ctx, sessionChange{name, key, value}); err != nil {
					return payload.Value{}, err
				}
			}
			return nothing()
		},
		"delete_session": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			name, err := a.required(0, "session")
			if err != nil {
				return payload.Value{}, err
			}
			return h.changeSession(ctx, sessionChange{section: name})
		},
		"open_session_form": func(ctx context.Context, h *scriptHost, _ arguments) (payload.Value, error) {
			form, err := h.session.section(ctx, formSection)
			if err != nil {
				return payload.Value{}, err
			}
			kept, _ := form.Field("payload")
			return payload.Merge(kept, payload.EmptyObject()), nil
		},
		"delete_session_form": func(ctx context.Context, h *scriptHost, _ arguments) (payload.Value, error) {
			return h.changeSession(ctx, sessionChange{section: formSection})
		},
	}
}

func (h *scriptHost) changeSession(ctx context.Context, c sessionChange) (payload.Value, error) {
	return payload.Value{}, h.session.change(ctx, c)
}

// profileFunctions are set_profile(object), get_profile() ({} when nobody is
// logged in), exist_profile() and delete_profile(). A new profile renews the
// session's id, so that an id known before the login is worth nothing after it.
func profileFunctions() map[string]hostCall {
	return map[string]hostCall{
		"set_profile": func(ctx context.Context, h *scriptHost, a arguments) (payload.Value, error) {
			profile, err := a.object(0, "profile")
			if err != nil {
				return payload.Value{}, err
			}
			h.session.renew()
			return h.changeSession(ctx, sessionChange{authSection, profileKey, profile})
		},
		"get_profile": func(ctx context.Context, h *scriptHost, _ arguments) (payload.Value, error) {
			return h.profile(ctx)
		},
		"exist_profile": func(ctx context.Context, h *scriptHost, _ arguments) (payload.Value, error) {
			section, err := h.session.section(ctx, authSection)
			_, found := section.Field(profileKey)
			return truth(found), err
		},
		"delete_profile": func(ctx context.Context, h *scriptHost, _ arguments) (payload.Value, error) {
			h.session.renew()
			return h.changeSession(ctx, sessionChange{section: authSection, key: profileKey})
		},
	}
}

func (h *scriptHost) profile(ctx context.Context) (payload.Value, error) {
	section, err := h.session.section(ctx, authSection)
	if err != nil {
		return payload.Value{}, err
	}
	profile, _ := section.Field(profileKey)
	return payload.Merge(profile, payload.EmptyObject()), nil
}
