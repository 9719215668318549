package insight

func (r *reader) caller()     {}
func (r *reader) tenant()     {}
func (r *reader) version()    {}
func (r *reader) permission() {}
func (r *reader) capable() bool {
	return false
}
