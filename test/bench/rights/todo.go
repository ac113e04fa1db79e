package main

import "context"

func (b *bench) manyErasures(context.Context) error { return nil }
func (b *bench) longLists(context.Context) error    { return nil }
func (b *bench) largePackage(context.Context) error { return nil }
