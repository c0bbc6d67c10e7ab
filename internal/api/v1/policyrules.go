package v1

import "oasis/internal/data/upload"

// ObjectRule tells which rule of an upload an operation asks when it is done to
// one; ok is false for operations that ask none. The operations themselves ask
// through their services: this is what explanations need to know about them.
func ObjectRule(operationID string) (rule upload.Operation, ok bool) {
	switch operationID {
	case "getUpload", "listUploadEntries", "getRawDir", "getRawRoot", "getRawFile":
		return upload.Read, true
	case "exportUpload", "exportUploadBundle":
		return upload.Export, true
	case "sendUpload":
		return upload.SendElsewhere, true
	case "getRawZip":
		return upload.ReadWhole, true
	case "getUploadEntry":
		return upload.ReadOwn, true
	case "beginDelivery", "listDeliveries", "getDelivery", "addToDelivery", "endDelivery", "overrideDelivery":
		return upload.ChangeFiles, true
	case "putRawFile", "deleteRawFile", "createRawDir", "deleteEntryFiles", "setIncludedEntries", "validateIncludedEntries", "stopProcessing":
		return upload.ChangeFiles, true
	case "sealUpload":
		return upload.TransferOwnership, true
	case "editUpload":
		return upload.EditMetadata, true
	case "publishUpload":
		return upload.Publish, true
	case "liftEmbargo":
		return upload.LiftEmbargo, true
	case "processUpload":
		return upload.Reprocess, true
	case "deleteUpload":
		return upload.Delete, true
	}
	return 0, false
}

// ofEntry tells whether an operation reads a single entry with its archive or files.
func ofEntry(operationID string) bool {
	switch operationID {
	case "getEntryArchive", "downloadEntryArchive", "getEntryRawDir", "getEntryRawFile":
		return true
	}
	return false
}
