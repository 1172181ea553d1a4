"""What people see on Discord, and what their clicks and commands become: the only package that draws."""
