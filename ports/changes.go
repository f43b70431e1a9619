package ports

import "context"

// WorkflowHead says which version of a workflow is active.
type WorkflowHead struct {
	ID      string
	Version int // 0 = withdrawn
}

// WorkflowChanges tells what was published, by any instance.
type WorkflowChanges interface {
	// ChangedSince lists the workflows of ours whose active version changed after
	// a revision of the store, and the revision that the list leads to. Revisions
	// only grow, in the order of the commits; 0 is before everything.
	ChangedSince(ctx context.Context, revision int64) (changed []WorkflowHead, now int64, err error)
}

// Announcer tells the other instances that something was published, so that they
// look at once. A lost announcement only costs time: every instance also looks
// now and then.
type Announcer interface {
	Announce(ctx context.Context) error
}
