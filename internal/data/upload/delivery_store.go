package upload

import (
	"context"
	"time"
)

// Deliveries keeps the rows of deliveries; one that is not there is a problem of kind Missing.
type Deliveries interface {
	Delivery(ctx context.Context, id string) (Delivery, error)
	// ListDeliveries gives the unfinished ones of an upload that have not expired at now, the newest first.
	ListDeliveries(ctx context.Context, uploadID string, now time.Time) ([]Delivery, error)
	// UnfinishedDeliveries gives the ids of all of them, which are names in the staging area.
	UnfinishedDeliveries(ctx context.Context) ([]string, error)
	// SaveDelivery stores how far an unfinished one is; Missing also when it was not at from bytes any more.
	SaveDelivery(ctx context.Context, id string, from int64, p Progress, expires time.Time) error
	// DeleteDelivery forgets one and tells whether it was unfinished; one that is not there is fine.
	DeleteDelivery(ctx context.Context, id string) (unfinished bool, err error)
	// PruneDeliveries forgets those that expired before now and gives the ids of the unfinished ones.
	PruneDeliveries(ctx context.Context, now time.Time) (unfinished []string, err error)
}

// DeliveriesTx is what can be done to deliveries inside a transaction.
type DeliveriesTx interface {
	// CountDeliveries counts the unfinished ones of a user.
	CountDeliveries(ctx context.Context, userID string) (int, error)
	InsertDelivery(ctx context.Context, t Delivery) error
	// FinishDelivery marks an unfinished one as finished; Missing when it is not there.
	FinishDelivery(ctx context.Context, id string, at, expires time.Time) error
	// DeleteDeliveries forgets all of an upload and gives the ids of the unfinished ones.
	DeleteDeliveries(ctx context.Context, uploadID string) (unfinished []string, err error)
}
