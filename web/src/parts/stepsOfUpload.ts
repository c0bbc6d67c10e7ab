/** The parts of an upload's page, as they stand in its address. */
export const uploadSteps = ['files', 'entries', 'access', 'publish'] as const;

export type UploadStep = (typeof uploadSteps)[number];
