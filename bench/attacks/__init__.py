"""What somebody who knows the rules, their own history and their ties learns of others, by plays on drawn towns."""
