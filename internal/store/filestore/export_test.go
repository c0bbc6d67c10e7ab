package filestore

// TakeTheLongWay makes the store look up names as it does where openat2 is missing.
func (s *Store) TakeTheLongWay() { s.longWay = true }
