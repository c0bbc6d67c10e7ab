package app

import (
	"cmp"
	"time"

	"oasis/internal/api"
	"oasis/internal/data/bundle"
	"oasis/internal/work/sending"
)

// sendingService joins what takes uploads to other servers.
func (c *core) sendingService(opts Options) *sending.Service {
	return sending.New(sending.Config{
		Store: c.db.Uploads(), Bundles: c.bundles, Remote: api.NewRemote(), Alone: c.peers == nil, Now: opts.Now, Log: opts.Log,
		Targets: func() []string { return c.settings.config().Oasis.TransferTargets },
	})
}

// bundleService joins what takes whole uploads in and out.
func (c *core) bundleService(now func() time.Time) *bundle.Service {
	return &bundle.Service{
		Uploads: c.uploads, Entries: c.db.Entries(), Archives: c.files, People: c.people, Groups: c.groups, Now: now,
		Rules: func() bundle.Rules {
			rules := c.settings.config().BundleImport
			return bundle.Rules{
				OldestVersion: rules.RequiredNomadVersion, FromOases: rules.AllowBundlesFromOasis, Unpublished: rules.AllowUnpublishedBundlesFromOasis,
			}
		},
		Defaults: func() bundle.Contents {
			d := c.settings.config().BundleExport.DefaultSettings
			return bundle.Contents{RawFiles: d.IncludeRawFiles, ArchiveFiles: d.IncludeArchiveFiles, Datasets: d.IncludeDatasets}
		},
		Source: func() bundle.Source {
			cfg := c.settings.config()
			return bundle.Source{
				Deployment: cfg.Meta.Deployment, DeploymentURL: cmp.Or(cfg.Meta.DeploymentURL, cfg.PublicURL()+"/api"),
				Name: cfg.Meta.Name, Homepage: cfg.Meta.Homepage, Maintainer: cfg.Meta.MaintainerEmail,
			}
		},
	}
}
